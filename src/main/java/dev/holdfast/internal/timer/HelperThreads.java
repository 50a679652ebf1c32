package dev.holdfast.internal.timer;

import dev.holdfast.internal.util.DaemonThreads;
import dev.holdfast.internal.util.Throwables;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Platform threads for what must happen on time though it may block, and though user code holds
 * every carrier. They start when they are needed and end when they are idle for a second.
 */
final class HelperThreads {

  /*
   * Blocking cannot be foreseen, so it is noticed. A thread that takes an action and leaves others
   * queued starts one more thread, up to a number that is good for throughput. Beyond that the timer
   * thread, which never blocks, looks every few milliseconds while something is queued: if nothing
   * was taken since its last look, all threads are stuck and it starts one more. So what is queued
   * behind n actions that block is late by n looks, and a storm of short ones needs few threads.
   *
   * Alarms and background actions have threads of their own: a storm of actions delays no deadline.
   *
   * User code may leave thread-locals behind. So a thread that has run a background action ends
   * before one of another group, but for a storm, in which starting threads is what would be late.
   */

  /** For what cancels. */
  static final HelperThreads ALARMS =
      new HelperThreads("holdfast-alarm", Runtime.getRuntime().availableProcessors());

  /** For user code. */
  static final HelperThreads ACTIONS = new HelperThreads("holdfast-action", 16);

  static final long LOOK_NANOS = 2_000_000;

  private static final int STORM = 1000;

  private final String name;
  private final int eager;
  private final LinkedTransferQueue<Runnable> queue = new LinkedTransferQueue<>();
  private final AtomicInteger threads = new AtomicInteger();
  private final AtomicInteger taken = new AtomicInteger();

  /** How many were queued. Written by the timer thread only. */
  private volatile int added;

  /** What was taken at the last look. The timer thread only. */
  private int takenBefore;

  private HelperThreads(String name, int eager) {
    this.name = name;
    this.eager = eager;
  }

  /** Runs an action soon. For the timer thread, which {@linkplain #look looks} later. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes it
  void execute(Runnable action) {
    queue.add(action);
    added++;
    if (threads.get() == 0) {
      start(null);
    }
  }

  /** {@return whether something is queued, so that a look is needed} */
  static boolean areBehind() {
    return !ALARMS.queue.isEmpty() || !ACTIONS.queue.isEmpty();
  }

  /** Adds threads where those there are do not get on. For the timer thread. */
  static void lookAtAll() {
    ALARMS.look();
    ACTIONS.look();
  }

  private void look() {
    int now = taken.get();
    if (now == takenBefore && !queue.isEmpty()) {
      start(null);
    }
    takenBefore = now;
  }

  /**
   * Starts a thread.
   *
   * @param first what it runs before it looks at the queue, or null
   * @return false if there was no thread to be had; then the next look tries again
   */
  private boolean start(@Nullable Runnable first) {
    threads.incrementAndGet();
    boolean started = false;
    try {
      DaemonThreads.make(name, () -> work(first)).start();
      started = true;
    } catch (OutOfMemoryError noThread) {
      started = false;
    } finally {
      if (!started) {
        threads.decrementAndGet();
      }
    }
    return started;
  }

  private void work(@Nullable Runnable first) {
    try {
      Object group = first instanceof BackgroundAction of ? of.group() : null;
      for (Runnable action = first; action != null || (action = next()) != null; action = null) {
        Object its = action instanceof BackgroundAction of ? of.group() : null;
        if (group != null && its != group && added - taken.get() < STORM && start(action)) {
          return;
        }
        group = its;
        if (threads.get() < eager && !queue.isEmpty()) {
          start(null);
        }
        action.run();
        Thread.interrupted();
      }
    } catch (Throwable t) {
      Throwables.report(Thread.currentThread(), t);
    } finally {
      if (threads.decrementAndGet() == 0 && !queue.isEmpty()) {
        start(null);
      }
    }
  }

  private @Nullable Runnable next() {
    Runnable next;
    try {
      next = queue.poll(TimerThread.IDLE_NANOS, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) { // user code may have kept the thread to interrupt it
      next = queue.poll();
    }
    if (next != null) {
      taken.incrementAndGet();
    }
    return next;
  }
}
