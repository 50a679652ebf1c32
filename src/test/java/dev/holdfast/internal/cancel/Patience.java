package dev.holdfast.internal.cancel;

import java.time.Duration;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Replaces the times that Holdfast gives user code to end, until the test has ended. */
public final class Patience implements AfterEachCallback {

  private final long closing = ClosingScope.closeNanos;
  private final long ending = Interrupter.reportNanos;

  public Patience() {}

  /** Replaces how long a resource may close before a cancellation reaches it. */
  public void forClosing(Duration time) {
    ClosingScope.closeNanos = time.toNanos();
  }

  /** Replaces how long a cancelled task may run before it is reported. */
  public void forEnding(Duration time) {
    Interrupter.reportNanos = time.toNanos();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    ClosingScope.closeNanos = closing;
    Interrupter.reportNanos = ending;
  }
}
