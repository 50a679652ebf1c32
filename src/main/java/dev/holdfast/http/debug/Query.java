package dev.holdfast.http.debug;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parameters of a query. No parameter has a value that needs decoding. */
record Query(Map<String, String> parameters) {

  private static final int MAX_LENGTH = 200;

  static Query of(@Nullable String query) {
    var parameters = new HashMap<String, String>();
    if (query != null && query.length() <= MAX_LENGTH) {
      for (String pair : query.split("&", -1)) {
        int equals = pair.indexOf('=');
        if (equals > 0) {
          parameters.putIfAbsent(pair.substring(0, equals), pair.substring(equals + 1));
        }
      }
    }
    return new Query(parameters);
  }

  String get(String name, String otherwise) {
    return parameters.getOrDefault(name, otherwise);
  }
}
