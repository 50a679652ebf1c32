package dev.holdfast.internal.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.FullHeapOutput;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class FullHeapReportTest {

  @RegisterExtension final FullHeapOutput written = new FullHeapOutput();

  @Test
  void it_names_the_scope() {
    FullHeapReport.write("orders");
    assertEquals(
        "holdfast: the heap is full. Scope 'orders' cannot be cancelled until there is memory for"
            + " it.\n",
        written.text());
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
    assertTrue(written.text().contains("'orders'"), written.text());
    assertFalse(written.text().contains("'payments'"), written.text());
    assertTrue(FullHeapReport.write("payments"));
    assertTrue(written.text().contains("'payments'"), written.text());
  }

  @Test
  void a_scope_without_memory_for_its_line_tries_again() {
    FullHeapReport.error = failing(new OutOfMemoryError("made up"));
    assertFalse(FullHeapReport.write("orders"));
    FullHeapReport.error = written;
    assertTrue(FullHeapReport.write("orders"));
    assertTrue(written.text().contains("'orders'"), written.text());
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
    assertTrue(written.text().contains("'a?b?ccc"), written.text());
    assertEquals(500, written.text().length());
    assertEquals(499, written.text().indexOf('\n'));
  }
}
