package dev.holdfast.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.channel.QueueEnds;
import dev.holdfast.testing.EachThreadKind;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Waiters of a channel: their order and their cost. */
class ChannelWaitersTest {

  private static final Duration LONG = Duration.ofSeconds(60);

  @EachThreadKind
  void senders_are_served_in_order_when_others_are_interrupted(ThreadFactory kind)
      throws Exception {
    var random = new SplittableRandom(1);
    for (int capacity = 0; capacity < 3; capacity++) {
      RingChannel<Integer> channel = open(capacity);
      for (int i = -capacity; i < 0; i++) {
        channel.send(i);
      }
      var threads = new ArrayList<Thread>();
      for (int i = 0; i < 40; i++) {
        int element = i;
        threads.add(start(kind, () -> channel.send(element)));
        await(() -> channel.stats().waitingSenders() == element + 1);
      }
      List<Integer> left = leave(threads, random);
      for (int i = -capacity; i < 0; i++) {
        assertEquals(i, channel.receive());
      }
      assertEquals(left.size(), channel.size() + channel.stats().waitingSenders());
      for (Integer next : left) {
        assertEquals(next, channel.tryReceive());
      }
      assertNull(channel.tryReceive());
      assertEquals(40 - left.size(), interrupted.size());
      interrupted.clear();
      join(threads);
    }
  }

  @EachThreadKind
  void receivers_are_served_in_order_when_others_are_interrupted(ThreadFactory kind)
      throws Exception {
    var random = new SplittableRandom(2);
    for (int capacity = 0; capacity < 3; capacity++) {
      RingChannel<Integer> channel = open(capacity);
      var served = new ConcurrentLinkedQueue<Integer>();
      var threads = new ArrayList<Thread>();
      for (int i = 0; i < 40; i++) {
        int place = i;
        threads.add(
            start(
                kind,
                () -> {
                  assertEquals(place, channel.receive());
                  served.add(place);
                }));
        await(() -> channel.stats().waitingReceivers() == place + 1);
      }
      List<Integer> left = leave(threads, random);
      for (Integer next : left) {
        assertTrue(channel.trySend(next));
      }
      join(threads);
      assertEquals(left.size(), served.size());
      assertEquals(0, channel.size());
      interrupted.clear();
    }
  }

  /** A sender that waits at a full channel gets the room of the next receive. */
  @EachThreadKind
  void a_new_operation_does_not_overtake_a_waiting_one(ThreadFactory kind) throws Exception {
    RingChannel<Integer> channel = open(4);
    for (int i = 0; i < 4; i++) {
      channel.send(i);
    }
    assertEquals(
        0, channel.receive()); // from here on the limit of the receivers covers four elements
    channel.send(4);
    Thread sender = start(kind, () -> channel.send(5));
    await(() -> channel.stats().waitingSenders() == 1);
    assertEquals(1, channel.receive());
    assertEquals(0, channel.stats().waitingSenders());
    assertEquals(4, channel.size());
    join(List.of(sender));

    for (int i = 2; i < 6; i++) {
      assertEquals(i, channel.receive());
    }
    Thread receiver = start(kind, () -> assertEquals(6, channel.receive()));
    await(() -> channel.stats().waitingReceivers() == 1);
    channel.send(6);
    assertEquals(0, channel.stats().waitingReceivers());
    assertEquals(0, channel.size());
    join(List.of(receiver));
    assertTrue(interrupted.isEmpty());
  }

  @Test
  void ten_thousand_blocked_senders_can_be_cancelled() throws Exception {
    RingChannel<Integer> channel = open(1);
    channel.send(-1);
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < 10_000; i++) {
      int element = i;
      threads.add(start(Thread.ofVirtual().factory(), () -> channel.send(element)));
    }
    await(() -> channel.stats().waitingSenders() == 10_000);
    for (int i = threads.size() - 1; i >= 0; i--) {
      threads.get(i).interrupt();
    }
    join(threads);
    assertEquals(10_000, interrupted.size());
    assertEquals(0, channel.stats().waitingSenders());
    assertEquals(-1, channel.tryReceive());
    assertNull(channel.tryReceive());
  }

  @Test
  void a_blocked_thread_uses_no_processor() throws Exception {
    var times = ManagementFactory.getThreadMXBean();
    RingChannel<Integer> rendezvous = open(0);
    RingChannel<Integer> buffered = open(16);
    QueueEnds.spin(rendezvous, false, true);
    ThreadFactory platform = Thread.ofPlatform().daemon().factory();
    Select<Integer> select = Select.of(buffered.onReceive(e -> e), rendezvous.onReceive(e -> e));
    List<Thread> threads =
        List.of(
            start(platform, rendezvous::receive),
            start(platform, buffered::receive),
            start(platform, () -> buffered.receive(LONG)),
            start(platform, select::await));
    for (Thread thread : threads) {
      await(() ->
          thread.getState() == Thread.State.WAITING
              || thread.getState() == Thread.State.TIMED_WAITING);
    }
    long before = times(times, threads);
    Thread.sleep(200);
    long used = times(times, threads) - before;
    threads.forEach(Thread::interrupt);
    join(threads);
    assertTrue(used < 50_000_000, "used " + used + " ns");
  }

  private static long times(ThreadMXBean times, List<Thread> threads) {
    return threads.stream().mapToLong(t -> times.getThreadCpuTime(t.threadId())).sum();
  }

  /** Neither an emptied slot nor a completed waiter may keep a reference to the element. */
  @Test
  void received_elements_are_not_retained() throws Exception {
    var channel = (RingChannel<Object>) Channel.<Object>open(end -> {}, ChannelSpec.of(8));
    var gone = new ArrayList<WeakReference<Object>>();
    for (int i = 0; i < 3; i++) {
      send(channel, gone);
      channel.receive();
    }
    send(channel, gone);
    channel.drainTo(new ArrayList<>(), 8);
    send(channel, gone);
    channel.send(0);
    channel.receive();
    Thread receiver =
        start(
            Thread.ofVirtual().factory(),
            () -> {
              channel.receive();
              channel.receive();
            });
    await(() -> channel.stats().waitingReceivers() == 1);
    send(channel, gone);
    join(List.of(receiver));
    await(() -> {
      System.gc();
      return gone.stream().allMatch(reference -> reference.refersTo(null));
    });
    assertEquals(0, channel.size());
  }

  private static void send(Channel<Object> channel, List<WeakReference<Object>> sent)
      throws InterruptedException {
    var element = new Object();
    sent.add(new WeakReference<>(element));
    channel.send(element);
  }

  /** A blocking call. */
  private interface Blocking {
    void run() throws Exception;
  }

  private final ConcurrentLinkedQueue<Thread> interrupted = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Throwable> thrown = new ConcurrentLinkedQueue<>();

  private static <T> RingChannel<T> open(int capacity) {
    return (RingChannel<T>) Channel.<T>open(end -> {}, ChannelSpec.of(capacity));
  }

  private Thread start(ThreadFactory kind, Blocking call) {
    Thread thread =
        kind.newThread(() -> {
          try {
            call.run();
          } catch (InterruptedException e) {
            interrupted.add(Thread.currentThread());
          } catch (Throwable t) {
            thrown.add(t);
          }
        });
    thread.start();
    return thread;
  }

  /** Interrupts some threads at once. {@return the indices of the others} */
  private List<Integer> leave(List<Thread> threads, SplittableRandom random) throws Exception {
    var left = new ArrayList<Integer>();
    var leaving = new ArrayList<Thread>();
    for (int i = 0; i < threads.size(); i++) {
      if (random.nextInt(3) > 0) {
        leaving.add(threads.get(i));
      } else {
        left.add(i);
      }
    }
    leaving.forEach(Thread::interrupt);
    join(leaving);
    assertEquals(leaving.size(), interrupted.size());
    return left;
  }

  private void join(List<Thread> threads) throws InterruptedException {
    for (Thread thread : threads) {
      assertTrue(thread.join(LONG), () -> "hangs: " + List.of(thread.getStackTrace()));
    }
    assertEquals(List.of(), List.copyOf(thrown));
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long begun = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - begun < LONG.toNanos(), "not reached");
      Thread.sleep(1);
    }
  }
}
