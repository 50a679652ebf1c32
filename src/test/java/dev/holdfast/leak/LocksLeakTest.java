package dev.holdfast.leak;

import static dev.holdfast.leak.Legacy.stuck;
import static dev.holdfast.leak.Trace.blocked;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Scope;
import dev.holdfast.Scopes;
import dev.holdfast.leak.Trace.Blocked;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Warnings;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.StampedLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Locks that are never released, or taken in a cycle.
 *
 * <p>In Java, a Go mutex becomes a {@link StampedLock}, because it is not reentrant and any thread
 * may unlock it; a {@code ReentrantLock} would admit its own thread again. A Go read lock makes a
 * second reader wait behind a writer, so it becomes a fair {@link Semaphore}: a {@code
 * ReentrantReadWriteLock} admits its own reader again, and a {@code StampedLock} lets any reader
 * try once before it queues. {@code lock()} ignores interrupts, so it can only be reported. A lock
 * that is taken interruptibly can be cancelled.
 */
@LeavesNothing
class LocksLeakTest {

  /** Each scope is reported a second after its cancellation, so a few copies are enough. */
  private static final int REPORTED = 3;

  @RegisterExtension final Warnings warnings = new Warnings();

  /** A way to take a lock. */
  private interface Take {
    long take(StampedLock lock) throws InterruptedException;
  }

  private interface Structure {
    void in(Scope scope, Trace trace, Queue<Runnable> releases) throws InterruptedException;
  }

  /**
   * Runs a few copies that ignore their cancellation until each is reported, then releases their
   * locks and waits until they have ended.
   */
  private void assertReported(Structure structure, Blocked... blocked) throws Exception {
    Queue<Runnable> releases = new ConcurrentLinkedQueue<>();
    OnThread<Void> copies =
        OnThread.start(
            Thread.ofVirtual().factory(),
            () -> {
              Copies.play(
                  REPORTED,
                  trace ->
                      Scopes.run(scope -> {
                        structure.in(scope, trace, releases);
                        for (Blocked who : blocked) {
                          trace.awaitIn(who);
                        }
                        scope.cancel("enough");
                      }));
              return null;
            });
    try {
      for (int i = 0; i < REPORTED; i++) {
        for (Blocked who : blocked) {
          warnings.awaitNaming(who.who() + "-" + i, who.call());
        }
      }
      assertTrue(
          copies.thread().isAlive(), "the call returned before its reported tasks had ended");
    } finally {
      releases.forEach(Runnable::run);
      copies.end();
    }
    assertEquals(null, copies.thrown());
  }

  /** Breaks out of the loop without unlocking; then the same thread locks again. */
  private static void gossip(StampedLock lock, Take write) throws Exception {
    for (int round = 0; ; round++) {
      long stamp = write.take(lock);
      if (round == 2) {
        break;
      }
      lock.unlockWrite(stamp);
    }
    lock.unlockWrite(write.take(lock));
  }

  @Test
  void cockroach584_leaks_the_thread_that_locks_again() {
    try (var legacy =
        Legacy.copies(copy -> {
          var lock = new StampedLock();
          copy.release(lock::tryUnlockWrite);
          copy.start("gossip", () -> gossip(lock, StampedLock::writeLock));
        })) {
      legacy.leaves(stuck("gossip", "StampedLock.writeLock"));
    }
  }

  @Test
  void cockroach584_ends_at_the_deadline_if_it_locks_interruptibly() throws Exception {
    Copies.play(trace ->
        trace.assertTimesOut(
            scope -> {
              var lock = new StampedLock();
              scope.fork(
                  "gossip",
                  () ->
                      trace.visit(
                          "gossip", () -> gossip(lock, StampedLock::writeLockInterruptibly)));
            },
            blocked("gossip", "writeLockInterruptibly")));
  }

  @Test
  void cockroach584_is_reported_if_it_locks_uninterruptibly() throws Exception {
    assertReported(
        (scope, trace, releases) -> {
          var lock = new StampedLock();
          releases.add(lock::tryUnlockWrite);
          scope.fork(
              "gossip-" + trace.number(),
              () -> trace.visit("gossip", () -> gossip(lock, StampedLock::writeLock)));
        },
        blocked("gossip", "StampedLock.writeLock"));
  }

  private static final int READERS = 10;

  /** A way to take a lock like Go's: one permit to read, all permits to write. */
  private interface Acquire {
    void acquire(Semaphore lock, int permits) throws InterruptedException;
  }

  /** Takes the read lock a second time, while a writer waits for it. */
  private static final class ReadWriteRead {

    private final Semaphore lock = new Semaphore(READERS, true);
    private final CountDownLatch reading = new CountDownLatch(1);

    void reconcile(Acquire how) throws Exception {
      how.acquire(lock, 1);
      try {
        reading.countDown();
        awaitWriter();
        how.acquire(lock, 1);
        lock.release();
      } finally {
        lock.release();
      }
    }

    /** Parks instead of yielding: a thread that yields in a loop can starve a woken thread. */
    private void awaitWriter() throws InterruptedException {
      while (!lock.hasQueuedThreads()) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        LockSupport.parkNanos(50_000);
      }
    }

    void remove(Acquire how) throws Exception {
      reading.await();
      how.acquire(lock, READERS);
      lock.release(READERS);
    }

    void free() {
      lock.release();
    }
  }

  @Test
  void kubernetes62464_leaks_reader_and_writer() {
    try (var legacy =
        Legacy.copies(copy -> {
          var state = new ReadWriteRead();
          copy.start("reader", () -> state.reconcile(Semaphore::acquireUninterruptibly));
          copy.start("writer", () -> state.remove(Semaphore::acquireUninterruptibly));
          copy.release(state::free);
        })) {
      legacy.leaves(
          stuck("reader", "Semaphore.acquireUninterruptibly"),
          stuck("writer", "Semaphore.acquireUninterruptibly"));
    }
  }

  @Test
  void kubernetes62464_ends_at_the_deadline_if_it_locks_interruptibly() throws Exception {
    Copies.play(trace ->
        trace.assertTimesOut(
            scope -> {
              var state = new ReadWriteRead();
              scope.fork(
                  "reader", () -> trace.visit("reader", () -> state.reconcile(Semaphore::acquire)));
              scope.fork(
                  "writer", () -> trace.visit("writer", () -> state.remove(Semaphore::acquire)));
            },
            blocked("reader", "Semaphore.acquire"),
            blocked("writer", "Semaphore.acquire")));
  }

  @Test
  void kubernetes62464_is_reported_if_it_locks_uninterruptibly() throws Exception {
    assertReported(
        (scope, trace, releases) -> {
          var state = new ReadWriteRead();
          releases.add(state::free);
          scope.fork(
              "reader-" + trace.number(),
              () ->
                  trace.visit("reader", () -> state.reconcile(Semaphore::acquireUninterruptibly)));
          scope.fork(
              "writer-" + trace.number(),
              () -> trace.visit("writer", () -> state.remove(Semaphore::acquireUninterruptibly)));
        },
        blocked("reader", "Semaphore.acquireUninterruptibly"),
        blocked("writer", "Semaphore.acquireUninterruptibly"));
  }

  /** Two deletions; one releases the global lock briefly and keeps the lock of its device. */
  private static final class Deletions {

    private final StampedLock global = new StampedLock();
    private final StampedLock device = new StampedLock();
    private final CountDownLatch dropped = new CountDownLatch(1);
    private final CountDownLatch taken = new CountDownLatch(1);
    private volatile boolean freed;

    void first(Take write) throws Exception {
      long all = write.take(global);
      long one = write.take(device);
      global.unlockWrite(all);
      try {
        dropped.countDown();
        taken.await();
        global.unlockWrite(write.take(global));
      } finally {
        if (!freed) {
          device.unlockWrite(one);
        }
      }
    }

    void second(Take write) throws Exception {
      dropped.await();
      long all = write.take(global);
      try {
        taken.countDown();
        device.unlockWrite(write.take(device));
      } finally {
        global.unlockWrite(all);
      }
    }

    void free() {
      freed = true;
      device.tryUnlockWrite();
    }
  }

  @Test
  void moby4951_leaks_both_deletions() {
    try (var legacy =
        Legacy.copies(copy -> {
          var deletions = new Deletions();
          copy.start("first", () -> deletions.first(StampedLock::writeLock));
          copy.start("second", () -> deletions.second(StampedLock::writeLock));
          copy.release(deletions::free);
        })) {
      legacy.leaves(
          stuck("first", "StampedLock.writeLock"), stuck("second", "StampedLock.writeLock"));
    }
  }

  @Test
  void moby4951_ends_at_the_deadline_if_it_locks_interruptibly() throws Exception {
    Copies.play(trace ->
        trace.assertTimesOut(
            scope -> {
              var deletions = new Deletions();
              scope.fork(
                  "first",
                  () ->
                      trace.visit(
                          "first", () -> deletions.first(StampedLock::writeLockInterruptibly)));
              scope.fork(
                  "second",
                  () ->
                      trace.visit(
                          "second", () -> deletions.second(StampedLock::writeLockInterruptibly)));
            },
            blocked("first", "writeLockInterruptibly"),
            blocked("second", "writeLockInterruptibly")));
  }

  @Test
  void moby4951_is_reported_if_it_locks_uninterruptibly() throws Exception {
    assertReported(
        (scope, trace, releases) -> {
          var deletions = new Deletions();
          releases.add(deletions::free);
          scope.fork(
              "first-" + trace.number(),
              () -> trace.visit("first", () -> deletions.first(StampedLock::writeLock)));
          scope.fork(
              "second-" + trace.number(),
              () -> trace.visit("second", () -> deletions.second(StampedLock::writeLock)));
        },
        blocked("first", "StampedLock.writeLock"),
        blocked("second", "StampedLock.writeLock"));
  }
}
