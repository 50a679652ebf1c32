package dev.holdfast.internal.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FullHeapReportTest {

  private final OutputStream before = FullHeapReport.error;
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  @BeforeEach
  void replace() {
    FullHeapReport.error = written;
  }

  @AfterEach
  void restore() {
    FullHeapReport.error = before;
  }

  private String written() {
    return written.toString(StandardCharsets.US_ASCII);
  }

  @Test
  void it_names_the_scope() {
    FullHeapReport.write("orders");
    assertEquals(
        "holdfast: the heap is full. Scope 'orders' cannot be cancelled until there is memory for"
            + " it.\n",
        written());
  }

  /** The second scope reports while the line of the first is written. */
  @Test
  void a_scope_that_reports_at_the_same_instant_tries_again() {
    var second = new AtomicBoolean(true);
    FullHeapReport.error =
        new OutputStream() {
          @Override
          public void write(int b) {
            written.write(b);
          }

          @Override
          public void write(byte[] bytes, int from, int length) {
            second.compareAndSet(true, FullHeapReport.write("payments"));
            written.write(bytes, from, length);
          }
        };
    assertTrue(FullHeapReport.write("orders"));
    assertFalse(second.get());
    assertTrue(written().contains("'orders'"), written());
    assertFalse(written().contains("'payments'"), written());
    assertTrue(FullHeapReport.write("payments"));
    assertTrue(written().contains("'payments'"), written());
  }

  @Test
  void a_scope_without_memory_for_its_line_tries_again() {
    FullHeapReport.error = failing(new OutOfMemoryError("made up"));
    assertFalse(FullHeapReport.write("orders"));
    FullHeapReport.error = written;
    assertTrue(FullHeapReport.write("orders"));
    assertTrue(written().contains("'orders'"), written());
  }

  private static OutputStream failing(Error failure) {
    return new OutputStream() {
      @Override
      public void write(int b) {
        throw failure;
      }
    };
  }

  @Test
  void it_is_one_line_of_limited_length_whatever_the_name_is() {
    FullHeapReport.write("a\nb\u001b" + "c".repeat(1000));
    assertTrue(written().contains("'a?b?ccc"), written());
    assertEquals(500, written().length());
    assertEquals(499, written().indexOf('\n'));
  }
}
