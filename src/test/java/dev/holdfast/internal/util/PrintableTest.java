package dev.holdfast.internal.util;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.holdfast.diagnostics.json.JsonReader;
import dev.holdfast.testing.HostileNames;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PrintableTest {

  @Test
  void ordinary_text_of_any_language_stays_as_it_is() {
    for (String text : new String[] {"", "main", "Überweisung", "日本語", "עברית", "\ud83d\ude80"}) {
      assertEquals(text, Printable.of(text));
      assertEquals(text, Printable.html(text));
      assertEquals('"' + text + '"', Printable.json(text));
    }
  }

  @Test
  void an_unsafe_character_becomes_its_escape() {
    assertEquals("\\u001b[2J\\u2028\\u202e", Printable.of("\u001b[2J\u2028\u202e"));
    assertEquals("tag\\udb40\\udc41", Printable.of("tag\udb40\udc41"));
    assertEquals("half\\ud800pair", Printable.of("half\ud800pair"));
    assertEquals("\"\\u0000\\\"\\\\\\udb40\\udc41\"", Printable.json("\0\"\\\udb40\udc41"));
  }

  @Test
  void no_hostile_name_stays_active() {
    for (String name : HostileNames.ALL) {
      String text = Printable.of(name);
      assertFalse(HostileNames.isActive(text) || text.contains("\n"), text);
      String html = Printable.html(name);
      assertFalse(HostileNames.isActive(html) || html.matches("(?s).*[<>\"'].*"), html);
      String json = Printable.json(name);
      assertFalse(HostileNames.isActive(json) || json.contains("\n"), json);
      String script = Printable.script(json);
      assertFalse(script.matches("(?s).*[<>&].*"), script);
    }
  }

  @Test
  void json_keeps_the_name() throws Exception {
    for (String name : HostileNames.ALL) {
      String json = Printable.script("{\"name\": " + Printable.json(name) + "}");
      assertEquals(Map.of("name", name), JsonReader.parse(json));
    }
  }

  @Test
  void entities_are_decoded_only_once() {
    assertEquals("&amp;lt;b&amp;gt; &lt;b&gt;", Printable.html("&lt;b&gt; <b>"));
  }
}
