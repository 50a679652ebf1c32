package dev.holdfast.leak;

import static dev.holdfast.leak.Legacy.stuck;
import static dev.holdfast.leak.Trace.blocked;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.testing.LeavesNothing;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/**
 * Kernels of bugs that combine a channel with a lock or a counter.
 *
 * <p>In Java, the two sides of a cycle are different threads, so a {@link ReentrantLock} can be
 * used. The side in {@code lock()} ignores interrupts, but the interrupt ends the send of the other
 * side, which then unlocks. So a cycle of a lock and a channel always ends.
 */
@LeavesNothing
class MixedLeakTest {

  private static void take(ReentrantLock lock, boolean deaf) throws InterruptedException {
    if (deaf) {
      lock.lock();
    } else {
      lock.lockInterruptibly();
    }
  }

  /** Sends under a lock that the receiver needs before it receives the next message. */
  private static final class Statuses {

    private final ReentrantLock lock = new ReentrantLock();
    private final CountDownLatch secondHolds = new CountDownLatch(1);
    private final CountDownLatch firstIsDone = new CountDownLatch(1);

    void first(Code send) throws Exception {
      lock.lockInterruptibly();
      try {
        send.run();
      } finally {
        lock.unlock();
        firstIsDone.countDown();
      }
    }

    void second(Code send) throws Exception {
      firstIsDone.await();
      lock.lockInterruptibly();
      try {
        secondHolds.countDown();
        send.run();
      } finally {
        lock.unlock();
      }
    }

    void sync(Code receive, boolean deaf) throws Exception {
      for (int i = 0; i < 2; i++) {
        receive.run();
        secondHolds.await();
        take(lock, deaf);
        lock.unlock();
      }
    }
  }

  @Test
  void kubernetes10182_leaks_setter_and_loop() {
    try (var legacy =
        Legacy.copies(copy -> {
          var statuses = new Statuses();
          var channel = new SynchronousQueue<Integer>();
          copy.start("loop", () -> statuses.sync(channel::take, true));
          copy.start("first", () -> statuses.first(() -> channel.put(1)));
          copy.start("second", () -> statuses.second(() -> channel.put(2)));
        })) {
      legacy.leaves(stuck("loop", "ReentrantLock.lock"), stuck("second", "SynchronousQueue.put"));
    }
  }

  @Test
  void kubernetes10182_ends_at_the_deadline_and_both_are_named() throws Exception {
    Copies.play(trace -> {
      trace.assertTimesOut(
          scope -> {
            var statuses = new Statuses();
            Channel<Integer> channel = scope.channel(0);
            scope.fork(
                "loop",
                () -> trace.visit("loop", () -> statuses.sync(channel::receive, trace.toss())));
            scope.fork(
                "first", () -> trace.visit("first", () -> statuses.first(() -> channel.send(1))));
            scope.fork(
                "second",
                () -> trace.visit("second", () -> statuses.second(() -> channel.send(2))));
          },
          blocked("loop", "ReentrantLock.lock"),
          blocked("second", "send"));
    });
  }

  /** Sends under a lock that the other thread needs to close the channel. */
  private static final class Connection {

    private final ReentrantLock write = new ReentrantLock();
    private final CountDownLatch writing = new CountDownLatch(1);

    void writeFrame(Code send) throws Exception {
      write.lockInterruptibly();
      try {
        writing.countDown();
        send.run();
      } finally {
        write.unlock();
      }
    }

    void monitor(Code close, boolean deaf) throws Exception {
      writing.await();
      take(write, deaf);
      try {
        close.run();
      } finally {
        write.unlock();
      }
    }
  }

  @Test
  void kubernetes6632_leaks_writer_and_monitor() {
    try (var legacy =
        Legacy.copies(copy -> {
          var connection = new Connection();
          var resets = new SynchronousQueue<Integer>();
          copy.start("writer", () -> connection.writeFrame(() -> resets.put(1)));
          copy.start("monitor", () -> connection.monitor(() -> {}, true));
        })) {
      legacy.leaves(
          stuck("writer", "SynchronousQueue.put"), stuck("monitor", "ReentrantLock.lock"));
    }
  }

  @Test
  void kubernetes6632_ends_at_the_deadline_and_both_are_named() throws Exception {
    Copies.play(trace -> {
      trace.assertTimesOut(
          scope -> {
            var connection = new Connection();
            Channel<Integer> resets = scope.channel(0);
            scope.fork(
                "writer",
                () -> trace.visit("writer", () -> connection.writeFrame(() -> resets.send(1))));
            scope.fork(
                "monitor",
                () ->
                    trace.visit("monitor", () -> connection.monitor(resets::close, trace.toss())));
          },
          blocked("writer", "send"),
          blocked("monitor", "ReentrantLock.lock"));
    });
  }

  private static final int WORKERS = 3;

  @Test
  void moby25384_leaks_the_counting_thread() {
    try (var legacy =
        Legacy.copies(copy -> {
          var counter = new CountDownLatch(WORKERS);
          for (int i = 0; i < WORKERS; i++) {
            copy.start("worker", counter::countDown);
            counter.await();
          }
        })) {
      legacy.leaves(stuck("parent", "CountDownLatch.await"));
    }
  }

  /** Needs no counter: {@code join} waits for the tasks forked so far. */
  @Test
  void moby25384_joins_the_tasks_forked_so_far() throws Exception {
    Copies.play(trace -> {
      Scopes.run(scope -> {
        for (int i = 1; i <= WORKERS; i++) {
          scope.fork(() -> trace.visit("worker", () -> {}));
          scope.join();
          assertEquals(i, trace.begun("worker"));
        }
      });
      assertEquals(WORKERS, trace.begun("worker"));
    });
  }
}
