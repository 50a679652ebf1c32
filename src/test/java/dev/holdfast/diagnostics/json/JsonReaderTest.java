package dev.holdfast.diagnostics.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests {@code JsonChars} as well. */
class JsonReaderTest {

  @Test
  void values_are_read() throws Exception {
    assertEquals(
        Map.of(
            "a", Arrays.asList(1L, -20L, 0L, 1.5, -1e3, 2e-2, true, false, null),
            "", Map.of(),
            "é", List.of()),
        JsonReader.parse(
            " {\"a\" : [1,-20,0,1.5,-1E3,2e-2,true,\tfalse,null],\n\"\":{ },\"é\":[ ]}\r\n"));
    assertEquals(1e20, JsonReader.parse("100000000000000000000"));
    assertEquals(Long.MIN_VALUE, JsonReader.parse("-9223372036854775808"));
    assertEquals(
        "\"\\/\b\f\n\r\té\uD83D\uDE00x",
        JsonReader.parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00x\""));
  }

  @Test
  void strings_with_the_same_hash_are_distinct() throws Exception {
    assertEquals(
        List.of("Aa", "BB", "Aa", "BB"), JsonReader.parse("[\"Aa\",\"BB\",\"Aa\",\"BB\"]"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[",
        "[1",
        "[1,",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "\"",
        "\"a",
        "\"\\",
        "\"\\u12",
        "t",
        "tru",
        "nul",
        "-",
        "1.",
        "1e",
        "1e+"
      })
  void a_document_that_ends_early_was_cut_short(String text) {
    var thrown = assertThrows(JsonException.class, () -> JsonReader.parse(text));
    assertTrue(
        thrown.getMessage().contains("cut short: it ends at offset " + text.length()),
        thrown.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          [1 2]            | offset 3 there is '2' instead of ',' or ']'
          {"a" 1}          | offset 5 there is '1' instead of ':'
          {a:1}            | offset 1 there is 'a' instead of a name
          {"a":1,}         | offset 7 there is '}' instead of a name
          [1,]             | offset 3 there is ']' instead of a value
          {"a":1 "b":2}    | offset 7 there is '"' instead of ',' or '}'
          {"a":1,"a":2}    | offset 7 there is '"' instead of a name that is not in the object yet
          [01]             | offset 2 there is '1' instead of ',' or ']'
          [.5]             | offset 1 there is '.' instead of a value
          [1.x]            | offset 3 there is 'x' instead of a digit
          [-x]             | offset 2 there is 'x' instead of a digit
          [nil]            | offset 2 there is 'i' instead of null
          ["\\x"]          | offset 3 there is 'x' instead of an escape
          ["\\u00g0"]      | offset 6 there is 'g' instead of a hexadecimal digit
          ["\\u\u0663000"] | offset 4 there is U+0663 instead of a hexadecimal digit
          [1] 2            | offset 4 there is '2' instead of nothing more
          ["a\tb"]         | offset 3 there is U+0009 instead of the end of a string
          """)
  void a_syntax_error_is_reported_with_its_offset(String text, String message) {
    var thrown = assertThrows(JsonException.class, () -> JsonReader.parse(text));
    assertEquals("is not JSON: at " + message, thrown.getMessage());
  }

  @Test
  void nesting_has_a_limit() throws Exception {
    JsonReader.parse("[".repeat(64) + "]".repeat(64));
    for (String open : List.of("[", "{\"a\":")) {
      var thrown =
          assertThrows(JsonException.class, () -> JsonReader.parse(open.repeat(1_000_000)));
      assertTrue(thrown.getMessage().contains("more than 64 deep"), thrown.getMessage());
    }
  }
}
