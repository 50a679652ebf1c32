package dev.holdfast.diagnostics.json;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON object with typed access to its fields; errors name the path in the document. */
public final class JsonObject {

  private final String path;
  private final Map<?, ?> map;

  public JsonObject(String path, @Nullable Object value) throws JsonException {
    if (!(value instanceof Map<?, ?> object)) {
      throw wrong(path, "an object");
    }
    this.path = path;
    this.map = object;
  }

  private static JsonException wrong(String path, String expected) {
    return new JsonException((path.isEmpty() ? "it" : path) + " is not " + expected);
  }

  private String path(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private <T> T required(String key, @Nullable T value, String type) throws JsonException {
    if (value == null) {
      throw wrong(path(key), type);
    }
    return value;
  }

  public String string(String key) throws JsonException {
    return required(key, optionalString(key), "a string");
  }

  public @Nullable String optionalString(String key) throws JsonException {
    Object value = map.get(key);
    if (value == null || value instanceof String) {
      return (String) value;
    }
    throw wrong(path(key), "a string");
  }

  public long number(String key) throws JsonException {
    return required(key, optionalNumber(key), "a number");
  }

  /** {@return a number; the field may also be a string with a number in it} */
  public @Nullable Long optionalNumber(String key) throws JsonException {
    Object value = map.get(key);
    if (value == null || value instanceof Long) {
      return (Long) value;
    }
    if (value instanceof String text) {
      try {
        return Long.valueOf(text);
      } catch (NumberFormatException e) {
        // reported below
      }
    }
    throw wrong(path(key), "a number");
  }

  public boolean isTrue(String key) {
    return Boolean.TRUE.equals(map.get(key));
  }

  public @Nullable JsonObject optionalObject(String key) throws JsonException {
    Object value = map.get(key);
    return value == null ? null : new JsonObject(path(key), value);
  }

  private List<?> list(String key) throws JsonException {
    if (map.get(key) instanceof List<?> list) {
      return list;
    }
    throw wrong(path(key), "an array");
  }

  public List<JsonObject> objects(String key) throws JsonException {
    var objects = new ArrayList<JsonObject>();
    for (Object value : list(key)) {
      objects.add(new JsonObject(path(key) + "[" + objects.size() + "]", value));
    }
    return objects;
  }

  public List<JsonObject> optionalObjects(String key) throws JsonException {
    return map.get(key) == null ? List.of() : objects(key);
  }

  /** {@return the strings of an array, without its nulls} */
  public List<String> strings(String key) throws JsonException {
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
