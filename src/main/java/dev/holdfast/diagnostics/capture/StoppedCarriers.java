package dev.holdfast.diagnostics.capture;

import dev.holdfast.internal.clock.SchedulerSettings;
import dev.holdfast.internal.scheduling.Carriers;
import dev.holdfast.internal.util.DaemonThreads;
import java.io.IOException;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Blocks the carriers, so that no virtual thread mounts or unmounts.
 *
 * <p>A dump on JDK 25 reads the stack of a virtual thread without stopping the thread, unless a
 * debugger is attached. If the thread mounts or unmounts during the dump, the JVM crashes
 * (JDK-8364343, fixed in 26). So a thread that cannot unmount waits on each carrier. A thread that
 * computes, or blocks without unmounting, does not give up its carrier, and does not need to: it
 * stays mounted.
 */
final class StoppedCarriers implements AutoCloseable {

  /** The name of the threads that this class starts. */
  static final String NAME = "holdfast-dump";

  /** How long to wait for carriers that run other threads. */
  private static final long PATIENCE_NANOS = 1_000_000_000L;

  private static final long PAUSE_NANOS = 50_000;

  /** Carriers are blocked no longer than this, in case the action waits for a virtual thread. */
  private static final int MAX_SECONDS = 10;

  /** Held during an action: two actions would each wait for the carriers of the other. */
  private static final ReentrantLock LOCK = new ReentrantLock();

  private final CountDownLatch closed = new CountDownLatch(1);

  private StoppedCarriers() {}

  /**
   * Performs an action while the carriers are stopped.
   *
   * <p>Another platform thread performs it: the calling thread may be virtual, and would keep a
   * carrier. An interrupt of the calling thread does not end the wait.
   */
  static <T> T whileStopped(Callable<T> action) throws IOException {
    var task = new FutureTask<>(() -> stopAnd(action));
    DaemonThreads.make(NAME, task).start();
    boolean interrupted = false;
    try {
      for (; ; ) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw rethrow(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static <T> T stopAnd(Callable<T> action) throws Exception {
    LOCK.lock();
    try (var stopped = new StoppedCarriers()) {
      stopped.stop(SchedulerSettings.carriers());
      return action.call();
    } finally {
      LOCK.unlock();
    }
  }

  private void stop(int carriers) {
    var blockers = new ArrayList<Thread>();
    // Twice as many: the scheduler adds carriers while virtual threads read and write files.
    for (int i = 0; i < 2 * carriers; i++) {
      blockers.add(Thread.ofVirtual().name(NAME).start(this::blockCarrier));
    }
    // Not earlier: a thread that is about to wait tries to unmount first.
    long giveUp = System.nanoTime() + PATIENCE_NANOS;
    while (blockers.stream().filter(Carriers::isPinned).count() < carriers
        && System.nanoTime() - giveUp < 0) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /**
   * A thread cannot unmount while the JVM calls its class loader: a native frame is on the stack.
   */
  private void blockCarrier() {
    var loader =
        new ClassLoader(null) {
          @Override
          protected Class<?> findClass(String name) throws ClassNotFoundException {
            awaitClosed();
            throw new ClassNotFoundException(name);
          }
        };
    try {
      Class.forName(NAME, false, loader);
    } catch (ClassNotFoundException always) {
      // the carrier is free again
    }
  }

  private void awaitClosed() {
    try {
      closed.await(MAX_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      // nothing interrupts this thread
    }
  }

  /** Lets the carriers continue. */
  @Override
  public void close() {
    closed.countDown();
  }

  private static IOException rethrow(@Nullable Throwable failure) throws IOException {
    switch (failure) {
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case null, default -> throw new AssertionError(failure);
    }
  }
}
