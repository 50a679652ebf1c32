package dev.holdfast.diagnostics;

import java.io.IOException;

/**
 * Thrown when a thread dump could not be taken or read.
 *
 * <p>The message is one line that states what is wrong and what to do instead.
 *
 * @since 0.1
 */
public final class ThreadDumpException extends IOException {

  private static final long serialVersionUID = 1L;

  ThreadDumpException(String message, Throwable cause) {
    super(message, cause);
  }
}
