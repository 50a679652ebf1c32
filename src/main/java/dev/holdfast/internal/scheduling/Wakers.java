package dev.holdfast.internal.scheduling;

import java.util.concurrent.atomic.AtomicInteger;

/** Starts the virtual threads that wake held threads. Only the {@link WakeupThread} calls it. */
final class Wakers {

  /*
   * A platform thread would put the threads that it wakes into a queue that the carriers may not
   * reach. A waker runs on a carrier, so it puts them into the queue of that carrier. If the waker
   * started last does not run, it may be in such a queue itself, so others follow in other queues.
   * If many wakers have not run, the next one enters the same queue as the last, if the carriers
   * reach that queue.
   */

  /** How many wakers are started at a time to find a queue that the carriers reach. */
  static final int SEARCH = 4;

  /**
   * The time after which a waker that has not run may be in a queue that the carriers do not reach.
   */
  static final long SEARCH_NANOS = 5_000_000;

  /**
   * How many threads a waker wakes, so that its carrier soon looks at the queues for all carriers
   * again.
   */
  static final int BATCH = 100;

  /** When this many wait, their queues are not just slow: no carrier reaches them. */
  private static final int MANY = 64;

  /**
   * The largest number of wakers; without it, they would fill the memory while user code lets none
   * of them run.
   */
  static final int MOST = 400;

  private final HeldThreads held;
  private final NextQueue queues;

  private int lastStarted;
  private long lastStartedAt;

  // Written by the wakers too.
  private volatile int lastRun;
  private final AtomicInteger waiting = new AtomicInteger();

  Wakers(HeldThreads held, NextQueue queues) {
    this.held = held;
    this.queues = queues;
  }

  /** {@return the number of the waker that ran last: it changes with each that runs} */
  int lastRun() {
    return lastRun;
  }

  /** {@return how many wakers have not run} */
  int waiting() {
    return waiting.get();
  }

  /**
   * Starts a waker. If the last one has not run for a while, starts several and wakes the pinned
   * threads: they may hold all carriers, so that no waker can run.
   */
  void start() {
    long now = System.nanoTime();
    boolean reached = lastRun == lastStarted;
    if (!reached) {
      if (now - lastStartedAt < SEARCH_NANOS) {
        return;
      }
      held.wakePinned();
    }
    boolean stay = reached && waiting.get() >= MANY;
    for (int i = reached ? 1 : SEARCH; i > 0 && waiting.get() < MOST; i--) {
      if (!stay) {
        queues.advance();
      }
      lastStartedAt = now;
      int number = ++lastStarted;
      queues.start(() -> wake(number));
      waiting.incrementAndGet();
    }
  }

  private void wake(int number) {
    waiting.decrementAndGet();
    lastRun = number;
    held.wake(BATCH);
  }
}
