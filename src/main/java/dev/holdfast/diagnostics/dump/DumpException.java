package dev.holdfast.diagnostics.dump;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A thread dump could not be taken or not be read; the message is one line. */
public final class DumpException extends IOException {

  private static final long serialVersionUID = 1L;

  public DumpException(String message) {
    super(message);
  }

  public DumpException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
