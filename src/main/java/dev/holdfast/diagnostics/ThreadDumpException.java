package dev.holdfast.diagnostics;

import java.io.IOException;

/**
 * A thread dump could not be taken or not be read.
 *
 * <p>The message is one line; it says what is wrong and what to do instead.
 *
 * @since 0.1
 */
public final class ThreadDumpException extends IOException {

  private static final long serialVersionUID = 1L;

  ThreadDumpException(String message) {
    super(message);
  }

  ThreadDumpException(String message, Throwable cause) {
    super(message, cause);
  }
}
