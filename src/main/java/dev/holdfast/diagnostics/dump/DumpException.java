package dev.holdfast.diagnostics.dump;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A thread dump could not be taken or read; the message is one line. */
public sealed class DumpException extends IOException {

  private static final long serialVersionUID = 1L;

  public DumpException(String message) {
    super(message);
  }

  public DumpException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Says that a log server has exported the lines of a dump in reverse order. */
  static final class NewestFirst extends DumpException {

    private static final long serialVersionUID = 1L;

    NewestFirst() {
      super("lists the newest line of a thread dump first. Sort the log by time, ascending.");
    }
  }
}
