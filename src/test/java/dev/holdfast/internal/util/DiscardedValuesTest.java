package dev.holdfast.internal.util;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.Fork;
import dev.holdfast.Outcome;
import dev.holdfast.RootScope;
import dev.holdfast.ScopeClosedException;
import dev.holdfast.ScopeException;
import dev.holdfast.ScopeSpec;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@LeavesNothing
@Tag("one-carrier")
class DiscardedValuesTest {

  private final List<Object> discarded = Collections.synchronizedList(new ArrayList<>());

  private ScopeSpec spec() {
    return Scopes.named("values").onDiscarded(discarded::add);
  }

  /** Returns after the current task was cancelled, and clears its interrupt flag. */
  private static <T> T afterCancellation(T value) {
    Poll.until(() -> Thread.interrupted() || isCancelled());
    Thread.interrupted();
    return value;
  }

  /** {@return a source whose size a combinator cannot ask for} */
  private static <T> Iterable<T> lazy(List<T> items) {
    return new Iterable<>() {
      @Override
      public Iterator<T> iterator() {
        return items.iterator();
      }
    };
  }

  private static boolean isCancelled() {
    try {
      Scopes.checkpoint();
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }

  @EachThreadKind
  void the_second_winner_of_a_race_is_discarded(ThreadFactory threads) throws Exception {
    var begun = new CountDownLatch(1);
    String winner =
        spec()
            .threads(threads)
            .race(
                List.of("first", "second"),
                item -> {
                  if (item.equals("second")) {
                    begun.countDown();
                    return afterCancellation(item);
                  }
                  begun.await();
                  return item;
                });
    assertEquals("first", winner);
    assertEquals(List.of("second"), discarded);
  }

  @Test
  void a_contender_that_ends_with_the_winner_is_discarded_once() throws Exception {
    for (int round = 0; round < 500; round++) {
      discarded.clear();
      int winner = spec().race(List.of(1, 2), item -> item);
      // The second is either discarded, or was cancelled before it began.
      assertFalse(discarded.contains(winner), discarded::toString);
      assertEquals(Set.copyOf(discarded).size(), discarded.size());
    }
  }

  @Test
  void the_winners_of_a_quorum_that_fails_are_discarded() {
    var first = new CountDownLatch(1);
    assertThrows(
        IOException.class,
        () ->
            spec()
                .quorum(
                    2,
                    List.of("won", "failed"),
                    item -> {
                      if (item.equals("won")) {
                        first.countDown();
                        return item;
                      }
                      first.await();
                      throw new IOException("no quorum");
                    }));
    assertEquals(List.of("won"), discarded);
  }

  @EachThreadKind
  void the_results_of_a_fan_out_that_fails_are_discarded(ThreadFactory threads) {
    for (boolean lazy : new boolean[] {false, true}) {
      discarded.clear();
      var others = new CountDownLatch(2);
      List<String> items = List.of("one", "late", "failed");
      Iterable<String> source = lazy ? lazy(items) : items;
      assertThrows(
          IOException.class,
          () ->
              spec()
                  .threads(threads)
                  .fanOut(
                      source,
                      item -> {
                        switch (item) {
                          case "one" -> others.countDown();
                          case "late" -> {
                            others.countDown();
                            return afterCancellation(item);
                          }
                          default -> {
                            others.await();
                            throw new IOException("failed");
                          }
                        }
                        return item;
                      }));
      assertEquals(Set.of("one", "late"), Set.copyOf(discarded));
      assertEquals(2, discarded.size());
    }
  }

  @Test
  void a_fan_out_that_returns_discards_nothing() throws Exception {
    assertEquals(List.of(1, 2), spec().fanOut(List.of(1, 2), item -> item));
    assertEquals(List.of(), discarded);
  }

  @EachThreadKind
  void a_settled_item_that_returns_after_the_deadline_is_discarded(ThreadFactory threads)
      throws Exception {
    for (boolean lazy : new boolean[] {false, true}) {
      List<String> items = List.of("late");
      Iterable<String> source = lazy ? lazy(items) : items;
      Pace.find(time -> {
        var begun = new AtomicBoolean();
        List<Outcome<String, String>> outcomes =
            spec()
                .timeout(time)
                .threads(threads)
                .settle(
                    source,
                    (String item) -> {
                      begun.set(true);
                      return afterCancellation(item);
                    });
        if (begun.get()) {
          assertEquals(1, outcomes.size());
          assertFalse(outcomes.getFirst() instanceof Outcome.Success<?, ?>);
          assertEquals(List.of("late"), discarded);
        }
        discarded.clear();
        return begun.get();
      });
    }
  }

  @EachThreadKind
  void a_fork_that_no_thread_joined_is_discarded_and_a_joined_one_is_not(ThreadFactory threads)
      throws Exception {
    String value =
        spec()
            .threads(threads)
            .call(scope -> {
              Fork<String> joined = scope.fork(() -> "joined");
              scope.fork(() -> "unjoined");
              return joined.join();
            });
    assertEquals("joined", value);
    assertEquals(List.of("unjoined"), discarded);
  }

  @EachThreadKind
  void the_value_of_a_cancelled_fork_is_discarded(ThreadFactory threads) throws Exception {
    spec()
        .threads(threads)
        .run(scope -> {
          var begun = new CountDownLatch(1);
          scope.fork(() -> {
            begun.countDown();
            return afterCancellation("late");
          });
          begun.await();
          scope.cancel("enough");
        });
    assertEquals(List.of("late"), discarded);
  }

  @EachThreadKind
  void a_body_value_that_the_deadline_cuts_off_is_discarded(ThreadFactory threads) {
    OnThread<Object> call =
        OnThread.start(
            threads,
            () -> spec().timeout(Duration.ofMillis(20)).call(scope -> afterCancellation("value")));
    assertEquals(ScopeTimeoutException.class, call.thrown().getClass());
    assertEquals(List.of("value"), discarded);
  }

  @Test
  void a_value_is_discarded_before_the_resource_it_came_from_closes() throws Exception {
    spec()
        .run(scope -> {
          scope.use(() -> discarded.add("pool closed"));
          scope.fork(() -> "connection");
        });
    assertEquals(List.of("connection", "pool closed"), discarded);
  }

  @Test
  void a_failure_of_the_action_is_thrown_like_that_of_a_resource() {
    var failure = new IllegalStateException("cannot close");
    ScopeSpec failing =
        Scopes.named("values")
            .onDiscarded(value -> {
              throw failure;
            });
    var thrown =
        assertThrows(
            RuntimeException.class,
            () ->
                failing.run(scope -> {
                  scope.fork(() -> "value");
                }));
    assertSame(failure, thrown instanceof ScopeException ? thrown.getCause() : thrown);
  }

  @Test
  void a_value_of_a_root_whose_caller_has_gone_is_discarded() throws Exception {
    var begun = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    try (RootScope root = spec().open()) {
      OnThread<Object> caller =
          OnThread.start(() ->
              root.call(scope -> {
                begun.countDown();
                go.await();
                return "value";
              }));
      begun.await();
      caller.blocked().interrupt();
      assertEquals(InterruptedException.class, caller.thrown().getClass());
      go.countDown();
      Poll.until(() -> discarded.contains("value"));
    }
    assertEquals(List.of("value"), discarded);
  }

  @EachThreadKind
  void a_value_goes_to_the_consumer_or_to_a_caller_and_not_to_both(ThreadFactory threads)
      throws Exception {
    Fork<String> fork =
        Scopes.named("orders")
            .threads(threads)
            .onDiscarded(discarded::add)
            .call(scope -> scope.fork(() -> "value"));
    assertEquals(List.of("value"), List.copyOf(discarded));
    assertThrows(ScopeClosedException.class, fork::join);
    assertThrows(ScopeClosedException.class, fork::outcome);
    assertEquals(Fork.State.SUCCESS, fork.state());
  }

  @EachThreadKind
  void a_root_discards_the_values_of_forks_whose_handles_are_garbage(ThreadFactory threads)
      throws Exception {
    try (RootScope root =
        Scopes.open(Scopes.named("root").threads(threads).onDiscarded(discarded::add))) {
      Fork<String> kept = root.call(scope -> scope.fork(() -> "kept"));
      Poll.until(() -> {
        try {
          root.run(scope -> {
            for (int i = 0; i < 100; i++) {
              scope.fork(() -> "lost");
            }
          });
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
        System.gc();
        return discarded.size() >= 20;
      });
      assertFalse(discarded.contains("kept"));
      assertEquals("kept", kept.join());
    }
    assertFalse(discarded.contains("kept"));
  }
}
