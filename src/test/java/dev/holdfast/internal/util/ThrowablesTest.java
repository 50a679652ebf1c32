package dev.holdfast.internal.util;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ThrowablesTest {

  @Test
  void an_exception_whose_message_throws_is_described_by_its_class() {
    var broken =
        new RuntimeException() {
          private static final long serialVersionUID = 1;

          @Override
          public String getMessage() {
            throw new IllegalStateException();
          }
        };
    assertEquals(broken.getClass().getName(), Throwables.describe(broken));
    assertEquals("java.io.IOException: disk", Throwables.describe(new IOException("disk")));
  }

  @Test
  void a_failure_is_reported_to_the_handler() {
    var reported = new AtomicReference<Throwable>();
    var failure = new IOException("disk");
    Throwables.report((thread, thrown) -> reported.set(thrown), Thread.currentThread(), failure);
    assertSame(failure, reported.get());
  }

  @Test
  void a_handler_that_is_missing_or_throws_is_ignored() {
    var failure = new IOException("disk");
    Throwables.report(null, Thread.currentThread(), failure);
    Throwables.report(
        (thread, thrown) -> {
          throw new IllegalStateException();
        },
        Thread.currentThread(),
        failure);
  }

  @Test
  void a_checked_exception_is_thrown_undeclared() {
    var failure = new IOException("disk");
    assertSame(
        failure,
        assertThrows(
            IOException.class,
            () -> {
              throw Throwables.<RuntimeException>sneaky(failure);
            }));
  }
}
