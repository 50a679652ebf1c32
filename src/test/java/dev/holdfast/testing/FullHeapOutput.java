package dev.holdfast.testing;

import dev.holdfast.internal.telemetry.FullHeapReport;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Collects the lines about a full heap during a test, instead of standard error. */
public final class FullHeapOutput extends ByteArrayOutputStream
    implements BeforeEachCallback, AfterEachCallback {

  private OutputStream before;

  @Override
  public void beforeEach(ExtensionContext context) {
    before = FullHeapReport.error;
    FullHeapReport.error = this;
  }

  @Override
  public void afterEach(ExtensionContext context) {
    FullHeapReport.error = before;
  }

  /** {@return the lines so far} */
  public String text() {
    return toString(StandardCharsets.US_ASCII);
  }
}
