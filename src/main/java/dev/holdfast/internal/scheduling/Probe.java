package dev.holdfast.internal.scheduling;

import dev.holdfast.internal.clock.SchedulerSettings;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Virtual threads that enter the queues for all carriers. When all have run, the threads that were
 * before them in these queues have run too.
 */
final class Probe implements Runnable {

  /*
   * Two threads are enough to notice that the carriers do not reach those queues. Only then do the
   * other threads follow. By then, threads outside the probe are held back. So the threads of the
   * probe enter the queues last, and when they have run, everything that waited there has run.
   */

  /** How many threads start at first. */
  static final int FIRST = 2;

  /**
   * The total number of threads, each in a queue chosen at random: two for each queue of the
   * scheduler, as {@code ForkJoinPool} lays the queues out.
   */
  static final int ALL =
      2 * Math.max(8, 2 * Integer.highestOneBit(Math.max(1, SchedulerSettings.carriers() - 1)));

  private static final int DONE = -1;

  private final NextQueue queues;
  private final Thread waiting;
  private final Consumer<Probe> last;
  private final AtomicInteger pending = new AtomicInteger(FIRST);

  /**
   * @param waiting is woken when all threads have run
   * @param last is called before {@code waiting} is woken, by the thread that runs last
   */
  Probe(NextQueue queues, Thread waiting, Consumer<Probe> last) {
    this.queues = queues;
    this.waiting = waiting;
    this.last = last;
  }

  /** Starts the first threads. */
  void start() {
    start(FIRST);
  }

  /** Starts the other threads, unless the first threads have run. */
  void startOthers() {
    int others = ALL - FIRST;
    if (pending.getAndUpdate(left -> left > 0 ? left + others : left) > 0) {
      start(others);
    }
  }

  private void start(int threads) {
    for (int i = 0; i < threads; i++) {
      queues.advance();
      queues.start(this);
    }
  }

  /** {@return how many threads have not run; negative when all have} */
  int pending() {
    return pending.get();
  }

  /** {@return whether all have run} */
  boolean hasRun() {
    return pending.get() == DONE;
  }

  @Override
  public void run() {
    if (pending.decrementAndGet() == 0) {
      last.accept(this);
      pending.set(DONE);
      LockSupport.unpark(waiting);
    }
  }
}
