package dev.holdfast.http;

import dev.holdfast.http.debug.Body;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A response of {@link DebugPages}. Send all headers: they keep browsers from running or storing
 * what is in the pages. Immutable.
 *
 * @since 0.1
 */
public final class DebugResponse {

  private final Body content;
  private final Map<String, String> headers;

  DebugResponse(Body content, Map<String, String> headers) {
    this.content = content;
    this.headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
  }

  /** {@return the status code} */
  public int status() {
    return content.status();
  }

  /** {@return the headers, with {@code Content-Type}} */
  public Map<String, String> headers() {
    return headers;
  }

  /** {@return the body, which {@code HEAD} requests do not get} */
  public byte[] body() {
    return content.bytes().clone();
  }

  /** {@return the body without a copy} */
  byte[] shared() {
    return content.bytes();
  }

  /** {@return the status and the type} */
  @Override
  public String toString() {
    return "DebugResponse[" + status() + ", " + content.contentType() + "]";
  }
}
