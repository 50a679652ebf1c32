package dev.holdfast.diagnostics.json;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON as a stream, strictly according to RFC 8259.
 *
 * <p>A caller walks the outer structure with {@link #beginObject}, {@link #nextName}, {@link
 * #beginArray} and {@link #nextElement}, and reads the parts it wants with {@link #nextValue}: as
 * maps, lists, strings, longs, doubles, booleans and nulls. So a document may be larger than the
 * memory. Not thread-safe.
 */
public final class JsonReader {

  private static final int MAX_DEPTH = 64;

  /**
   * The rest of a longer line is skipped, so that a file without line ends cannot fill the heap.
   */
  public static final int MAX_LINE = 1 << 16;

  private final JsonChars in;
  private int depth;

  /** Whether no member or element of the current object or array was read yet. */
  private boolean first;

  public JsonReader(Reader in) {
    this.in = new JsonChars(in);
  }

  /** Reads a text that consists of one document. */
  public static @Nullable Object parse(String text) throws JsonException {
    try {
      var json = new JsonReader(new StringReader(text));
      Object value = json.nextValue();
      if (json.hasMore()) {
        throw json.in.wrong("nothing more");
      }
      return value;
    } catch (JsonException e) {
      throw e;
    } catch (IOException e) {
      throw new AssertionError(e); // a string can always be read
    }
  }

  /** {@return whether there is more after the white space here} */
  public boolean hasMore() throws IOException {
    return in.skipSpace() >= 0;
  }

  /** {@return whether an object begins here} */
  public boolean isObject() throws IOException {
    return in.skipSpace() == '{';
  }

  /** {@return whether an array begins here} */
  public boolean isArray() throws IOException {
    return in.skipSpace() == '[';
  }

  /** {@return whether nothing is left, not even white space} */
  public boolean isAtEnd() throws IOException {
    return in.peek() < 0;
  }

  /** {@return whether an object, or an array of objects, may begin exactly here} */
  public boolean isDocument() throws IOException {
    int first = in.peek();
    int second = first == '{' || first == '[' ? in.peekSecond() : -1;
    return second == '\n'
        || second == '\r'
        || (first == '[' && second == '{')
        || (first == '{' && (second == '"' || second == '}'));
  }

  /**
   * {@return the rest of the current line, without its separator} It need not be JSON. After an
   * error, call this method to reach the next document of a file with one document per line.
   */
  public String readLine() throws IOException {
    depth = 0;
    return in.line(MAX_LINE);
  }

  public void beginObject() throws IOException {
    begin('{', "an object");
  }

  /** {@return the next name in the current object, or null at its end} */
  public @Nullable String nextName() throws IOException {
    if (!nextIn('}', "',' or '}'")) {
      return null;
    }
    if (in.skipSpace() != '"') {
      throw in.wrong("a name");
    }
    String name = in.string();
    expectColon();
    return name;
  }

  private void expectColon() throws IOException {
    if (in.skipSpace() != ':') {
      throw in.wrong("':'");
    }
    in.next();
  }

  public void beginArray() throws IOException {
    begin('[', "an array");
  }

  /**
   * {@return whether the current array has another element; at the end of the array, the reader
   * leaves it}
   */
  public boolean nextElement() throws IOException {
    return nextIn(']', "',' or ']'");
  }

  private void begin(char bracket, String expected) throws IOException {
    if (in.skipSpace() != bracket) {
      throw in.wrong(expected);
    }
    if (depth > MAX_DEPTH - 1) {
      throw new JsonException(
          "is nested more than "
              + MAX_DEPTH
              + " deep at offset "
              + in.offset()
              + ", deeper than any thread dump");
    }
    in.next();
    depth++;
    first = true;
  }

  private boolean nextIn(char bracket, String expected) throws IOException {
    int c = in.skipSpace();
    if (c == bracket) {
      in.next();
      depth--;
      first = false;
      return false;
    }
    if (!first) {
      if (c != ',') {
        throw in.wrong(expected);
      }
      in.next();
    }
    first = false;
    return true;
  }

  /** {@return the value at the current position} */
  public @Nullable Object nextValue() throws IOException {
    return switch (in.skipSpace()) {
      case '{' -> object();
      case '[' -> array();
      case '"' -> in.string();
      case 't' -> in.literal("true", true);
      case 'f' -> in.literal("false", false);
      case 'n' -> in.literal("null", null);
      case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> in.number();
      default -> throw in.wrong("a value");
    };
  }

  private Map<String, @Nullable Object> object() throws IOException {
    var map = new LinkedHashMap<String, @Nullable Object>();
    beginObject();
    while (nextIn('}', "',' or '}'")) {
      if (in.skipSpace() != '"') {
        throw in.wrong("a name");
      }
      long start = in.offset();
      String name = in.string();
      expectColon();
      if (map.containsKey(name)) {
        throw in.wrongAt(start, '"', "a name that is not in the object yet");
      }
      map.put(name, nextValue());
    }
    return map;
  }

  private List<@Nullable Object> array() throws IOException {
    var list = new ArrayList<@Nullable Object>();
    beginArray();
    while (nextElement()) {
      list.add(nextValue());
    }
    return list;
  }
}
