package dev.holdfast.internal.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
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

  @Test
  void it_is_one_line_of_limited_length_whatever_the_name_is() {
    FullHeapReport.write("a\nb\u001b" + "c".repeat(1000));
    assertTrue(written().contains("'a?b?ccc"), written());
    assertEquals(500, written().length());
    assertEquals(499, written().indexOf('\n'));
  }
}
