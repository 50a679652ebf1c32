package dev.holdfast.internal.cancel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.HostileCause;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

@LeavesNothing
class FailuresTest {

  private final Failures failures = new Failures();
  private final Exception primary = new Exception("primary");

  private static Exception numbered(int number) {
    return new Exception("failure " + number);
  }

  private Throwable[] suppressed() {
    failures.suppressOn(primary);
    return primary.getSuppressed();
  }

  @Test
  void none_are_suppressed_if_there_are_none() {
    assertEquals(0, suppressed().length);
    assertNull(failures.first());
    assertNull(failures.firstError());
  }

  @Test
  void they_are_suppressed_in_the_order_they_came() {
    List<Exception> all = List.of(numbered(1), numbered(2), numbered(3));
    all.forEach(failures::add);
    assertSame(all.getFirst(), failures.first());
    assertArrayEquals(all.toArray(), suppressed());
  }

  @EachThreadKind
  void concurrent_additions_lose_none(ThreadFactory factory) {
    int perThread = Failures.KEPT / 4;
    var expected = Collections.synchronizedSet(new HashSet<Throwable>());
    var threads = new ArrayList<OnThread<Void>>();
    for (int i = 0; i < 4; i++) {
      threads.add(
          OnThread.run(
              factory,
              () -> {
                for (int j = 0; j < perThread; j++) {
                  Exception mine = numbered(j);
                  expected.add(mine);
                  failures.add(mine);
                }
              }));
    }
    threads.forEach(OnThread::value);
    assertEquals(expected, new HashSet<>(Arrays.asList(suppressed())));
  }

  /** Law 5: nothing is unbounded. */
  @Nested
  class BeyondTheBound {

    @Test
    void the_rest_is_counted() {
      for (int i = 0; i < Failures.KEPT + 5; i++) {
        failures.add(numbered(i));
      }
      Throwable[] suppressed = suppressed();
      assertEquals(Failures.KEPT + 1, suppressed.length);
      assertEquals("5 more failures were left out", suppressed[Failures.KEPT].getMessage());
    }

    @Test
    void an_error_takes_the_place_of_an_exception() {
      for (int i = 0; i < Failures.KEPT; i++) {
        failures.add(numbered(i));
      }
      var error = new AssertionError("made up");
      failures.add(error);
      failures.add(numbered(99));
      assertSame(error, failures.firstError());
      assertTrue(Arrays.asList(suppressed()).contains(error));
    }
  }

  @Test
  void the_other_errors_are_suppressed_on_the_first() {
    var first = new AssertionError("first");
    var second = new AssertionError("second");
    List.of(numbered(1), first, numbered(2), second).forEach(failures::add);
    assertSame(first, failures.firstError());
    assertArrayEquals(new Throwable[] {second}, first.getSuppressed());
  }

  @Nested
  class Consequences {

    @Test
    void a_reaction_to_the_cancellation_is_dropped() {
      List.of(
              new InterruptedException(),
              new CancellationException(),
              new ClosedByInterruptException(),
              Cancellation.explicit("Scope 'a'", "enough").exception())
          .forEach(failures::addLate);
      assertNull(failures.first());
    }

    @Test
    void a_clean_up_that_failed_during_the_reaction_is_kept() {
      var reaction = new InterruptedException();
      var cleanUp = new IOException("cannot close");
      reaction.addSuppressed(cleanUp);
      reaction.addSuppressed(new InterruptedException());
      failures.addLate(reaction);
      assertArrayEquals(new Throwable[] {cleanUp}, suppressed());
    }

    @Test
    void any_other_exception_is_kept() {
      failures.addLate(primary);
      assertSame(primary, failures.first());
    }

    @Test
    void a_consequence_is_found_among_the_causes() {
      var wrapped = new Exception(new RuntimeException(new InterruptedException()));
      assertTrue(Failures.hasConsequence(wrapped));
      assertFalse(Failures.isConsequence(wrapped));
      assertFalse(Failures.hasConsequence(primary));
    }

    @Test
    void causes_in_a_circle_or_that_throw_end_the_search() {
      var one = new Exception("one");
      one.initCause(new Exception("two", one));
      assertFalse(Failures.hasConsequence(one));
      var broken = new HostileCause();
      assertFalse(Failures.hasConsequence(broken));
    }
  }
}
