package dev.holdfast.diagnostics.json;

import java.io.IOException;

/**
 * Thrown when a text is not JSON or does not have the expected shape.
 *
 * <p>The message is one line that continues "The file ...": "is not JSON: at offset 3 ...".
 */
public final class JsonException extends IOException {

  private static final long serialVersionUID = 1L;

  JsonException(String message) {
    super(message);
  }
}
