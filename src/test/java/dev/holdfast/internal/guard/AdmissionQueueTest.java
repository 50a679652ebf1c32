package dev.holdfast.internal.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.guard.AdmissionQueue.Entry;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.scope.Settings;
import dev.holdfast.internal.scope.Settings.Policy;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@LeavesNothing
@Tag("one-carrier")
class AdmissionQueueTest {

  private static final long LONG_NANOS = 60_000_000_000L;

  private final AdmissionQueue queue = new AdmissionQueue(2);

  private void fill() {
    assertTrue(queue.tryEnter());
    assertTrue(queue.tryEnter());
  }

  private OnThread<Entry> entering(ThreadFactory threads, long nanos) {
    int before = queue.waiting();
    var call = OnThread.start(threads, () -> queue.enter("g", Integer.MAX_VALUE, nanos));
    Poll.until(() -> queue.waiting() == before + 1);
    return call;
  }

  private void assertState(int inside, int waiting) {
    assertEquals(
        inside + " inside, " + waiting + " waiting",
        queue.inside() + " inside, " + queue.waiting() + " waiting");
  }

  @Test
  void there_are_as_many_places_as_it_has() {
    fill();
    assertFalse(queue.tryEnter());
    queue.leave();
    assertState(1, 0);
    assertTrue(queue.tryEnter());
    assertState(2, 0);
  }

  @EachThreadKind
  void places_pass_to_waiting_calls_in_the_order_they_came(ThreadFactory threads) {
    fill();
    var calls = new ArrayList<OnThread<Entry>>();
    for (int i = 0; i < 4; i++) {
      calls.add(entering(threads, 0));
    }
    for (int i = 0; i < 4; i++) {
      queue.leave();
      assertEquals(Entry.IN, calls.get(i).value());
      assertState(2, 3 - i);
    }
  }

  @EachThreadKind
  void a_place_that_passes_to_a_waiting_call_is_never_free(ThreadFactory threads) {
    fill();
    OnThread<Entry> waiting = entering(threads, 0);
    queue.leave();
    assertFalse(queue.tryEnter());
    assertEquals(Entry.IN, waiting.value());
    assertState(2, 0);
  }

  @EachThreadKind
  void no_call_waits_beyond_the_room(ThreadFactory threads) throws Exception {
    fill();
    assertEquals(Entry.FULL, queue.enter("g", 0, LONG_NANOS));
    OnThread<Entry> waiting = entering(threads, 0);
    assertEquals(Entry.FULL, queue.enter("g", 1, LONG_NANOS));
    queue.leave();
    assertEquals(Entry.IN, waiting.value());
  }

  @Test
  void a_call_with_room_takes_a_free_place_without_waiting() throws Exception {
    assertEquals(Entry.IN, queue.enter("g", 0, LONG_NANOS));
    assertState(1, 0);
  }

  @EachThreadKind
  void a_call_that_gives_up_leaves_the_queue_and_takes_no_place(ThreadFactory threads)
      throws Exception {
    fill();
    OnThread<Entry> first = entering(threads, 0);
    OnThread<Entry> second = entering(threads, LONG_NANOS);
    OnThread<Entry> last = entering(threads, 0);
    assertEquals(Entry.FULL, queue.enter("g", Integer.MAX_VALUE, 1_000_000));
    assertState(2, 3);
    second.interrupt();
    assertInstanceOf(InterruptedException.class, second.leavesNoFlag().thrown());
    assertState(2, 2);
    queue.leave();
    assertEquals(Entry.IN, first.value());
    queue.leave();
    assertEquals(Entry.IN, last.value());
    queue.leave();
    queue.leave();
    assertState(0, 0);
  }

  @EachThreadKind
  void a_later_call_supersedes_the_one_that_waits(ThreadFactory threads) throws Exception {
    fill();
    var first = OnThread.start(threads, () -> queue.succeed("g", "later"));
    Poll.until(() -> queue.waiting() == 1);
    var second = OnThread.start(threads, () -> queue.succeed("g", "later"));
    assertEquals(Entry.SUPERSEDED, first.value());
    assertState(2, 1);
    queue.leave();
    assertEquals(Entry.IN, second.value());
    queue.leave();
    assertEquals(Entry.IN, queue.succeed("g", "later")); // a free place
    assertState(2, 0);
  }

  @EachThreadKind
  void a_later_call_cancels_the_scope_that_the_previous_one_published(ThreadFactory threads)
      throws Exception {
    fill();
    ScopeImpl previous = ScopeImpl.open(Settings.DEFAULT.withName("previous"), Policy.BLOCK, this);
    try {
      assertFalse(queue.publish(previous));
      var later = OnThread.start(threads, () -> queue.succeed("g", "a later call"));
      Poll.until(() -> previous.cancellation() != null);
      assertEquals("a later call", previous.cancellation().reason());
      assertTrue(queue.publish(previous)); // a call waits: the caller cancels its scope
      queue.leave();
      assertEquals(Entry.IN, later.value());
    } finally {
      previous.end(null);
    }
  }

  @EachThreadKind
  void a_call_that_left_is_not_cancelled(ThreadFactory threads) throws Exception {
    fill();
    ScopeImpl left = ScopeImpl.open(Settings.DEFAULT.withName("left"), Policy.BLOCK, this);
    try {
      queue.publish(left);
      queue.leave();
      assertTrue(queue.tryEnter());
      var later = OnThread.start(threads, () -> queue.succeed("g", "a later call"));
      Poll.until(() -> queue.waiting() == 1);
      later.blocked();
      queue.leave();
      assertEquals(Entry.IN, later.value());
      assertNull(left.decision());
    } finally {
      left.end(null);
    }
  }

  /** Places are neither lost nor made while calls come, wait, time out and are interrupted. */
  @EachThreadKind
  void places_are_conserved_under_traffic(ThreadFactory threads) {
    var inside = new AtomicInteger();
    var most = new AtomicInteger();
    List<OnThread<Void>> calls = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      calls.add(
          OnThread.run(
              threads,
              () -> {
                for (int round = 0; round < LawFixtures.rounds(500); round++) {
                  long nanos = round % 3 == 0 ? 0 : 1 + 20_000L * (round % 5);
                  if (round % 7 == 0) {
                    Thread.currentThread().interrupt();
                  }
                  try {
                    if (queue.tryEnter() || queue.enter("g", 5, nanos) == Entry.IN) {
                      most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                      Thread.yield();
                      inside.decrementAndGet();
                      queue.leave();
                    }
                  } catch (InterruptedException e) {
                    Thread.onSpinWait();
                  }
                  Thread.interrupted();
                }
              }));
    }
    var stop = new AtomicInteger();
    var interrupter =
        OnThread.run(() -> {
          while (stop.get() == 0) {
            calls.get(ThreadLocalRandom.current().nextInt(calls.size())).interrupt();
            Thread.sleep(0, 100_000);
          }
        });
    try {
      for (OnThread<Void> call : calls) {
        Poll.holdsWithin(Duration.ofSeconds(40), () -> !call.thread().isAlive());
        call.value();
      }
    } finally {
      stop.set(1);
      interrupter.value();
    }
    assertTrue(most.get() <= 2, () -> most + " calls were inside at once");
    assertState(0, 0);
  }
}
