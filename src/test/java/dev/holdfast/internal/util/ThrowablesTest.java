package dev.holdfast.internal.util;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.testing.HostileCause;
import dev.holdfast.testing.OnThread;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Nested;
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

  @Nested
  class Suppression {

    private final Exception primary = new Exception("primary");
    private final Exception other = new Exception("other");

    @Test
    void a_failure_is_not_suppressed_on_itself_or_on_what_it_contains() {
      Throwables.suppress(primary, primary);
      var wrapping = new Exception("wraps", primary);
      Throwables.suppress(primary, wrapping);
      Throwables.suppress(wrapping, primary);
      assertEquals(0, primary.getSuppressed().length);
      assertEquals(0, wrapping.getSuppressed().length);
    }

    @Test
    void a_failure_that_is_suppressed_already_is_not_suppressed_again() {
      var outer = new Exception("outer");
      outer.addSuppressed(other);
      Throwables.suppress(primary, outer);
      Throwables.suppress(primary, other);
      assertArrayEquals(new Throwable[] {outer}, primary.getSuppressed());
    }

    @Test
    void a_failure_whose_cause_throws_is_suppressed() {
      var broken = new HostileCause();
      Throwables.suppress(primary, broken);
      assertArrayEquals(new Throwable[] {broken}, primary.getSuppressed());
    }

    @Test
    void a_failure_that_takes_none_leaves_the_other_to_the_handler() {
      var closed =
          new Exception("takes none", null, false, true) {
            private static final long serialVersionUID = 1L;
          };
      assertEquals(List.of(other), OnThread.reportedBy(() -> Throwables.suppress(closed, other)));
    }

    /** Law 5: nothing is unbounded. */
    @Test
    void a_failure_that_carries_many_takes_no_more() {
      for (int i = 0; i < Throwables.MOST_SUPPRESSED; i++) {
        primary.addSuppressed(new Exception("failure " + i));
      }
      assertEquals(List.of(other), OnThread.reportedBy(() -> Throwables.suppress(primary, other)));
      assertEquals(Throwables.MOST_SUPPRESSED, primary.getSuppressed().length);
    }
  }
}
