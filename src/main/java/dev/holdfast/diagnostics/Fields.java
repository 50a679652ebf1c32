package dev.holdfast.diagnostics;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON object whose fields must be of their type; it knows where it is in the document. */
final class Fields {

  private final String path;
  private final Map<?, ?> map;

  Fields(String path, @Nullable Object value) throws ThreadDumpException {
    if (!(value instanceof Map<?, ?> object)) {
      throw wrong(path, "an object");
    }
    this.path = path;
    this.map = object;
  }

  private static ThreadDumpException wrong(String path, String expected) {
    return new ThreadDumpException(
        DumpReader.NO_DUMP + ": " + (path.isEmpty() ? "it" : path) + " is not " + expected);
  }

  private String path(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private <T> T required(String key, @Nullable T value, String type) throws ThreadDumpException {
    if (value == null) {
      throw wrong(path(key), type);
    }
    return value;
  }

  String string(String key) throws ThreadDumpException {
    return required(key, optionalString(key), "a string");
  }

  @Nullable String optionalString(String key) throws ThreadDumpException {
    Object value = map.get(key);
    if (value == null || value instanceof String) {
      return (String) value;
    }
    throw wrong(path(key), "a string");
  }

  long number(String key) throws ThreadDumpException {
    return required(key, optionalNumber(key), "a number");
  }

  /** Takes a string with a number in it, too. */
  @Nullable Long optionalNumber(String key) throws ThreadDumpException {
    Object value = map.get(key);
    if (value == null || value instanceof Long) {
      return (Long) value;
    }
    if (value instanceof String text) {
      try {
        return Long.valueOf(text);
      } catch (NumberFormatException e) {
        // wrong, see below
      }
    }
    throw wrong(path(key), "a number");
  }

  boolean isTrue(String key) {
    return Boolean.TRUE.equals(map.get(key));
  }

  Fields object(String key) throws ThreadDumpException {
    return required(key, optionalObject(key), "an object");
  }

  @Nullable Fields optionalObject(String key) throws ThreadDumpException {
    Object value = map.get(key);
    return value == null ? null : new Fields(path(key), value);
  }

  private List<?> list(String key) throws ThreadDumpException {
    if (map.get(key) instanceof List<?> list) {
      return list;
    }
    throw wrong(path(key), "an array");
  }

  List<Fields> objects(String key) throws ThreadDumpException {
    var objects = new ArrayList<Fields>();
    for (Object value : list(key)) {
      objects.add(new Fields(path(key) + "[" + objects.size() + "]", value));
    }
    return objects;
  }

  List<Fields> optionalObjects(String key) throws ThreadDumpException {
    return map.get(key) == null ? List.of() : objects(key);
  }

  /** {@return the strings of an array, without its nulls} */
  List<String> strings(String key) throws ThreadDumpException {
    var strings = new ArrayList<String>();
    for (Object value : list(key)) {
      if (value instanceof String string) {
        strings.add(string);
      } else if (value != null) {
        throw wrong(path(key), "an array of strings");
      }
    }
    return strings;
  }
}
