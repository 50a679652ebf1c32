package dev.holdfast.internal.combine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ScopeSpec;
import dev.holdfast.Scopes;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Poll;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@LeavesNothing
@Tag("one-carrier")
class QuorumTest {

  @EachThreadKind
  void the_first_results_win_in_the_order_of_their_arrival(ThreadFactory threads) throws Exception {
    var third = new AtomicReference<Thread>();
    List<Integer> winners =
        Scopes.named("quorum")
            .threads(threads)
            .quorum(
                2,
                List.of(1, 2, 3, 4),
                item -> {
                  if (item == 3) {
                    third.set(Thread.currentThread());
                    return item;
                  }
                  if (item == 1) {
                    Poll.until(() -> third.get() != null && !third.get().isAlive());
                    return item;
                  }
                  return Blocked.<Integer>forever();
                });
    assertEquals(List.of(3, 1), winners);
    assertThrows(UnsupportedOperationException.class, () -> winners.add(1));
  }

  @Test
  void all_of_them_may_be_needed() throws Exception {
    assertEquals(
        new HashSet<>(List.of(1, 2, 3)),
        new HashSet<>(Scopes.quorum(3, List.of(1, 2, 3), item -> item)));
  }

  @EachThreadKind
  void it_fails_as_soon_as_it_cannot_succeed(ThreadFactory threads) {
    var first = new IOException("first");
    var failed = new CountDownLatch(1);
    var thrown =
        assertThrows(
            IOException.class,
            () ->
                Scopes.named("quorum")
                    .threads(threads)
                    .quorum(
                        3,
                        List.of(1, 2, 3, 4),
                        item -> {
                          if (item == 1) {
                            failed.countDown();
                            throw first;
                          }
                          if (item == 2) {
                            failed.await();
                            throw new IOException("second");
                          }
                          return Blocked.<Integer>forever();
                        }));
    assertEquals(1, thrown.getSuppressed().length);
  }

  @Test
  void as_many_contenders_as_can_decide_it_start_at_once() throws Exception {
    var started = ConcurrentHashMap.<Integer>newKeySet();
    var three = new CountDownLatch(3);
    List<Integer> winners =
        Scopes.timeout(Duration.ofSeconds(9))
            .hedge(Duration.ofHours(1))
            .quorum(
                3,
                List.of(1, 2, 3, 4, 5),
                item -> {
                  started.add(item);
                  three.countDown();
                  three.await();
                  return item;
                });
    assertEquals(3, winners.size());
    assertEquals(List.of(1, 2, 3), List.copyOf(new java.util.TreeSet<>(started)));
  }

  @Test
  void every_failure_starts_a_replacement() throws Exception {
    var three = new CountDownLatch(2);
    List<Integer> winners =
        Scopes.timeout(Duration.ofSeconds(9))
            .hedge(Duration.ofHours(1))
            .quorum(
                2,
                List.of(1, 2, 3, 4),
                item -> {
                  three.countDown();
                  three.await();
                  if (item <= 2) {
                    throw new IOException("contender " + item);
                  }
                  return item;
                });
    assertEquals(new HashSet<>(List.of(3, 4)), new HashSet<>(winners));
  }

  @Test
  void random_rounds_agree_with_counting() throws Exception {
    for (int seed = 0; seed < 300; seed++) {
      var random = new Random(seed);
      int contenders = 1 + random.nextInt(8);
      int needed = 1 + random.nextInt(contenders);
      boolean[] good = new boolean[contenders];
      int successes = 0;
      for (int i = 0; i < contenders; i++) {
        good[i] = random.nextInt(3) > 0;
        successes += good[i] ? 1 : 0;
      }
      ScopeSpec spec = Scopes.limit(1 + random.nextInt(4)).timeout(Duration.ofSeconds(9));
      if (random.nextBoolean()) {
        spec = spec.hedge(Duration.ofNanos(1 + random.nextInt(100_000)));
      }
      var items = IntStream.range(0, contenders).boxed().toList();
      var calls = new AtomicInteger();
      try {
        List<Integer> winners =
            spec.quorum(
                needed,
                items,
                item -> {
                  calls.incrementAndGet();
                  if (good[item]) {
                    return item;
                  }
                  throw new IOException("contender " + item);
                });
        assertTrue(successes >= needed, "seed " + seed);
        assertEquals(needed, new HashSet<>(winners).size(), "seed " + seed);
        assertTrue(winners.stream().allMatch(winner -> good[winner]), "seed " + seed);
      } catch (IOException e) {
        assertTrue(successes < needed, "seed " + seed);
      }
      assertTrue(calls.get() <= contenders);
    }
  }

  @Test
  void a_source_that_throws_ends_it() {
    var marker = new IllegalStateException("source");
    Iterable<Integer> broken =
        () -> IntStream.range(0, 10).boxed().peek(i -> failAt(i, 2, marker)).iterator();
    assertSame(
        marker,
        assertThrows(
            IllegalStateException.class,
            () -> Scopes.quorum(3, broken, item -> Blocked.<Integer>forever())));
  }

  private static void failAt(int item, int where, RuntimeException failure) {
    if (item == where) {
      throw failure;
    }
  }

  @Test
  void an_interrupt_that_comes_with_the_winner_returns_it_or_is_thrown() {
    Thread owner = Thread.currentThread();
    for (int round = 0; round < 5_000; round++) {
      int expected = round;
      boolean thrown = false;
      try {
        int winner =
            Scopes.race(
                List.of(expected),
                item -> {
                  owner.interrupt();
                  return item;
                });
        assertEquals(expected, winner);
      } catch (InterruptedException e) {
        thrown = true;
      }
      boolean kept = Thread.interrupted();
      assertTrue(thrown || kept, "the interrupt was lost");
      assertFalse(thrown && kept, "the interrupt was thrown and kept");
    }
  }

  @EachThreadKind
  void the_contenders_are_those_of_the_collection_when_it_was_called(ThreadFactory threads)
      throws Exception {
    var contenders = new ArrayList<>(List.of(1, 2, 3));
    List<Integer> winners =
        Scopes.named("quorum")
            .threads(threads)
            .hedge(Duration.ofMillis(1))
            .quorum(
                3,
                contenders,
                item -> {
                  if (item == 1) {
                    contenders.add(4); // a live iterator would throw
                  }
                  return item;
                });
    assertEquals(Set.of(1, 2, 3), Set.copyOf(winners));
  }
}
