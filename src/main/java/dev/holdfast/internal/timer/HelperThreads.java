package dev.holdfast.internal.timer;

import dev.holdfast.internal.util.DaemonThreads;
import dev.holdfast.internal.util.Throwables;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Platform threads for actions that may block but must run on time, even while user code holds
 * every carrier. They start on demand and end after a second without work.
 */
final class HelperThreads {

  /*
   * Whether an action blocks is not known in advance, so it is detected. A thread that takes an
   * action and leaves others queued starts one more thread, up to a number that is good for
   * throughput. Beyond that, the timer thread, which never blocks, checks every few milliseconds
   * while actions are queued. If no action was taken since its last check, all threads are blocked
   * and it starts one more. So an action behind n blocking ones is late by n checks, and a burst of
   * short actions needs few threads.
   *
   * Alarms and background actions use separate threads, so a burst of actions delays no deadline.
   *
   * User code may leave thread-locals behind. So a thread ends instead of running an action of
   * another group, except in a burst, in which starting threads would make the actions late.
   */

  /** For actions that cancel. */
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

  // How many actions were queued, and how many were taken, so far.
  private final AtomicInteger added = new AtomicInteger();
  private final AtomicInteger taken = new AtomicInteger();

  /** How many actions had been taken at the last check. The timer thread only. */
  private int takenBefore;

  private HelperThreads(String name, int eager) {
    this.name = name;
    this.eager = eager;
  }

  /**
   * Runs an action soon. Any thread may call this; the timer thread {@linkplain #look checks} the
   * queue later.
   */
  void execute(Runnable action) {
    queue.add(action);
    added.incrementAndGet();
    if (threads.get() == 0) {
      start(null);
    }
  }

  /** {@return whether an action is queued, so that a check is needed} */
  static boolean areBehind() {
    return !ALARMS.queue.isEmpty() || !ACTIONS.queue.isEmpty();
  }

  /**
   * Adds a thread to each of the two pools if all of its threads are blocked. Timer thread only.
   */
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
   * @param first the action to run before those in the queue, or null
   * @return false if no thread could be started; the next check tries again
   */
  private boolean start(@Nullable Runnable first) {
    threads.incrementAndGet();
    boolean started = false;
    try {
      DaemonThreads.starter.accept(DaemonThreads.make(name, () -> work(first)));
      started = true;
    } catch (OutOfMemoryError noThread) {
      started = false;
    } finally {
      // Only if no thread is left: callers that see a counted thread queue their actions for it.
      if (!started && threads.decrementAndGet() == 0) {
        refuseAll();
      }
    }
    return started;
  }

  /** Removes from the queue the actions for which other threads wait. */
  private void refuseAll() {
    for (int left = this == ACTIONS ? added.get() - taken.get() : 0; left > 0; left--) {
      Runnable next = queue.poll();
      if (next == null) {
        return;
      }
      if (next instanceof BackgroundAction action && action.isRefused()) {
        taken.incrementAndGet();
      } else {
        queue.add(next);
      }
    }
  }

  private void work(@Nullable Runnable first) {
    try {
      Object group = first instanceof BackgroundAction of ? of.group() : null;
      for (Runnable action = first; action != null || (action = next()) != null; action = null) {
        Object its = action instanceof BackgroundAction of ? of.group() : null;
        if (group != null && its != group && added.get() - taken.get() < STORM && start(action)) {
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
    } catch (
        InterruptedException
            e) { // user code may have kept a reference to the thread and interrupted it
      next = queue.poll();
    }
    if (next != null) {
      taken.incrementAndGet();
    }
    return next;
  }
}
