package dev.holdfast.diagnostics.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON, strictly by RFC 8259, as maps, lists, strings, longs, doubles, booleans and nulls.
 *
 * <p>A string that equals a recent one is that object: in a dump most strings are repeated.
 */
public final class JsonReader {

  private static final int DEPTH = 64;
  private static final int RECENT = 1 << 12;

  private final String text;
  private final @Nullable String[] recent = new @Nullable String[RECENT];
  private int at;

  private JsonReader(String text) {
    this.text = text;
  }

  /** Reads a document. */
  public static @Nullable Object parse(String text) throws JsonException {
    var json = new JsonReader(text);
    Object value = json.value(0);
    json.skipSpace();
    if (json.at < text.length()) {
      throw json.wrong("nothing more");
    }
    return value;
  }

  private JsonException wrong(String expected) {
    if (at >= text.length()) {
      return new JsonException(
          "was cut short: it ends at offset " + at + ", before " + expected + ". Dump again.");
    }
    return new JsonException(
        "is not JSON: at offset "
            + at
            + " there is "
            + printable(text.charAt(at))
            + " instead of "
            + expected);
  }

  private static String printable(char c) {
    return c > ' ' && c < 0x7F ? "'" + c + "'" : "U+%04X".formatted((int) c);
  }

  private void skipSpace() {
    while (at < text.length() && " \n\r\t".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private boolean skip(char c) {
    skipSpace();
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private void expect(char c, String expected) throws JsonException {
    if (!skip(c)) {
      throw wrong(expected);
    }
  }

  private @Nullable Object value(int depth) throws JsonException {
    if (depth > DEPTH) {
      throw new JsonException(
          "is nested more than " + DEPTH + " deep at offset " + at + ", as no thread dump is");
    }
    skipSpace();
    return switch (at < text.length() ? text.charAt(at) : ' ') {
      case '{' -> object(depth);
      case '[' -> array(depth);
      case '"' -> string();
      case 't' -> literal("true", true);
      case 'f' -> literal("false", false);
      case 'n' -> literal("null", null);
      case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
      default -> throw wrong("a value");
    };
  }

  private @Nullable Object literal(String name, @Nullable Object value) throws JsonException {
    for (int i = 0; i < name.length(); i++, at++) {
      if (at >= text.length() || text.charAt(at) != name.charAt(i)) {
        throw wrong(name);
      }
    }
    return value;
  }

  private Map<String, @Nullable Object> object(int depth) throws JsonException {
    var map = new LinkedHashMap<String, @Nullable Object>();
    at++;
    if (skip('}')) {
      return map;
    }
    do {
      skipSpace();
      if (at >= text.length() || text.charAt(at) != '"') {
        throw wrong("a name");
      }
      int start = at;
      String name = string();
      expect(':', "':'");
      if (map.containsKey(name)) {
        at = start;
        throw wrong("a name that is not there twice");
      }
      map.put(name, value(depth + 1));
    } while (skip(','));
    expect('}', "',' or '}'");
    return map;
  }

  private List<@Nullable Object> array(int depth) throws JsonException {
    var list = new ArrayList<@Nullable Object>();
    at++;
    if (skip(']')) {
      return list;
    }
    do {
      list.add(value(depth + 1));
    } while (skip(','));
    expect(']', "',' or ']'");
    return list;
  }

  private String string() throws JsonException {
    int start = ++at;
    int hash = 0;
    for (; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '"') {
        return shared(start, at++, hash);
      }
      if (c == '\\' || c < ' ') {
        break;
      }
      hash = 31 * hash + c;
    }
    return unescaped(new StringBuilder(text.substring(start, at)));
  }

  private String shared(int start, int end, int hash) {
    int slot = (hash ^ hash >>> 16) & RECENT - 1;
    String seen = recent[slot];
    if (seen == null
        || seen.length() != end - start
        || !text.regionMatches(start, seen, 0, seen.length())) {
      recent[slot] = seen = text.substring(start, end);
    }
    return seen;
  }

  private String unescaped(StringBuilder string) throws JsonException {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '"') {
        at++;
        return string.toString();
      }
      if (c < ' ') {
        break;
      }
      at++;
      string.append(c == '\\' ? escape() : c);
    }
    throw wrong("the end of a string");
  }

  private char escape() throws JsonException {
    char c = at < text.length() ? text.charAt(at) : ' ';
    int simple = "\"\\/bfnrt".indexOf(c);
    if (simple >= 0) {
      at++;
      return "\"\\/\b\f\n\r\t".charAt(simple);
    }
    if (c != 'u') {
      throw wrong("an escape");
    }
    int code = 0;
    at++;
    for (int i = 0; i < 4; i++, at++) {
      int digit =
          at < text.length() && text.charAt(at) < 0x7F ? Character.digit(text.charAt(at), 16) : -1;
      if (digit < 0) {
        throw wrong("a hexadecimal digit");
      }
      code = code << 4 | digit;
    }
    return (char) code;
  }

  private Number number() throws JsonException {
    int start = at;
    if (text.charAt(at) == '-') {
      at++;
    }
    if (at < text.length() && text.charAt(at) == '0') {
      at++;
    } else {
      digits();
    }
    boolean whole = true;
    if (at < text.length() && text.charAt(at) == '.') {
      whole = false;
      at++;
      digits();
    }
    if (at < text.length() && (text.charAt(at) | 0x20) == 'e') {
      whole = false;
      at++;
      if (at < text.length() && "+-".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
      digits();
    }
    String digits = text.substring(start, at);
    if (whole) {
      try {
        return Long.valueOf(digits);
      } catch (NumberFormatException e) {
        // too large for one
      }
    }
    return Double.valueOf(digits);
  }

  private void digits() throws JsonException {
    int start = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    if (at == start) {
      throw wrong("a digit");
    }
  }
}
