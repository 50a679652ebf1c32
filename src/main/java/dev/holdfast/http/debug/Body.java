package dev.holdfast.http.debug;

import java.nio.charset.StandardCharsets;

/**
 * The body of a response, with its status and type. Requests share a body, so no code changes it.
 */
public final class Body {

  private final int status;
  private final String contentType;
  private final byte[] bytes;

  Body(int status, String contentType, byte[] bytes) {
    this.status = status;
    this.contentType = contentType;
    this.bytes = bytes;
  }

  /** A body of text. */
  public Body(int status, String type, String text) {
    this(status, type + "; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
  }

  static Body text(String text) {
    return new Body(200, "text/plain", text);
  }

  static Body html(String text) {
    return new Body(200, "text/html", text);
  }

  static Body json(String text) {
    return new Body(200, "application/json", text);
  }

  /** {@return the status code} */
  public int status() {
    return status;
  }

  /** {@return the type, with the character set of texts} */
  public String contentType() {
    return contentType;
  }

  /** {@return the content itself, not a copy} */
  public byte[] bytes() {
    return bytes;
  }
}
