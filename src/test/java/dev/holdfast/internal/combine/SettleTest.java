package dev.holdfast.internal.combine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.Outcome;
import dev.holdfast.ScopeException;
import dev.holdfast.Scopes;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@LeavesNothing
@Tag("one-carrier")
class SettleTest {

  @EachThreadKind
  void every_item_has_its_outcome_in_order(ThreadFactory threads) throws Exception {
    var failure = new IOException("item 2");
    List<Outcome<Integer, String>> outcomes =
        Scopes.named("settle")
            .threads(threads)
            .settle(
                List.of(1, 2, 3),
                (Integer item) -> {
                  if (item == 2) {
                    throw failure;
                  }
                  return "value " + item;
                });
    assertEquals(List.of(1, 2, 3), outcomes.stream().map(Outcome::item).toList());
    var first = assertInstanceOf(Outcome.Success.class, outcomes.get(0));
    assertEquals("value 1", first.value());
    assertFalse(first.elapsed().isNegative());
    var second = assertInstanceOf(Outcome.Failure.class, outcomes.get(1));
    assertSame(failure, second.cause());
    assertThrows(UnsupportedOperationException.class, () -> outcomes.remove(0));
  }

  @Test
  void an_error_is_a_failure() throws Exception {
    var error = new AssertionError("item");
    List<Outcome<Integer, Integer>> outcomes =
        Scopes.settle(
            List.of(1),
            (Integer item) -> {
              throw error;
            });
    assertSame(error, assertInstanceOf(Outcome.Failure.class, outcomes.get(0)).cause());
  }

  @Test
  void what_failed_before_expiry_is_a_failure_and_what_was_cut_off_is_unfinished()
      throws Exception {
    var failure = new IOException("item 1");
    Pace.find(time -> {
      List<Outcome<Integer, Integer>> outcomes =
          Scopes.timeout(time)
              .settle(
                  List.of(1, 2, 3),
                  (Integer item) -> {
                    if (item == 1) {
                      throw failure;
                    }
                    return item == 2 ? Blocked.<Integer>forEver() : item;
                  });
      assertInstanceOf(Outcome.Unfinished.class, outcomes.get(1));
      return outcomes.get(0) instanceof Outcome.Failure
          && outcomes.get(2) instanceof Outcome.Success;
    });
  }

  @Test
  void a_failure_of_the_source_after_expiry_is_not_lost() throws Exception {
    Pace.find(SettleTest::isNotLost);
  }

  private static boolean isNotLost(Duration time) {
    var asked = new AtomicBoolean();
    var marker = new IllegalStateException("source");
    Iterable<Integer> source =
        () ->
            java.util.stream.Stream.generate(
                    () -> {
                      asked.set(true);
                      try {
                        return Blocked.<Integer>forEver();
                      } catch (InterruptedException e) {
                        throw marker;
                      }
                    })
                .iterator();
    Throwable thrown =
        LawFixtures.ending(() -> Scopes.timeout(time).settle(source, item -> item)).thrown();
    if (asked.get()) {
      assertNotNull(thrown);
      assertSame(marker, thrown instanceof ScopeException ? thrown.getSuppressed()[0] : thrown);
    }
    return asked.get();
  }

  @EachThreadKind
  void its_caller_is_interrupted(ThreadFactory threads) {
    var started = new CountDownLatch(2);
    var call =
        OnThread.run(
            threads,
            () ->
                Scopes.settle(
                    List.of(1, 2),
                    item -> {
                      started.countDown();
                      return Blocked.forEver();
                    }));
    Poll.until(() -> started.getCount() == 0);
    call.blocked().interrupt();
    assertInstanceOf(InterruptedException.class, call.thrown());
    call.leavesNoFlag();
  }
}
