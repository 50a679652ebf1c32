package dev.holdfast.internal.scheduling;

import dev.holdfast.internal.clock.SchedulerSettings;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Virtual threads that enter the queues for all carriers. When they have run, the threads that were
 * before them in these queues have run too. Only the {@link WakeupThread} starts them.
 */
final class Probe implements Runnable {

  /*
   * Two threads are enough to notice that the carriers do not reach those queues. Only then do the
   * other threads follow. By then, threads outside the probe are held back. So the threads of the
   * probe enter the queues last, and when they have run, what waited there has run.
   *
   * With several carriers, a probe does not wait for the last quarter of its threads, which take
   * longer than the others together; meanwhile threads would be held back. The threads that are
   * left stay in their queues, and count in the next probes. About two threads of each probe enter
   * each queue. So if the carriers do not reach a queue, after one or two probes it holds more
   * threads than may be left, and the next probe waits for it.
   */

  /** How many threads start at first. */
  static final int FIRST = 2;

  /**
   * The total number of threads, each in a queue chosen at random: two for each queue of the
   * scheduler, as {@code ForkJoinPool} lays the queues out.
   */
  static final int ALL =
      2 * Math.max(8, 2 * Integer.highestOneBit(Math.max(1, SchedulerSettings.carriers() - 1)));

  /** How many threads may be left when a late probe ends. A single carrier soon runs all. */
  static final int MOST_LEFT = SchedulerSettings.carriers() == 1 ? 0 : ALL / 4;

  private static final int RUNNING = 0;
  private static final int ENDING = 1;
  private static final int ENDED = 2;

  private final NextQueue queues;
  private final Thread waiting;
  private final Runnable last;

  /** How many threads have not run, of this and earlier probes. */
  private final AtomicInteger pending = new AtomicInteger();

  private final AtomicInteger state = new AtomicInteger(ENDED);

  /** The probe ends when no more threads than this are pending. */
  private volatile int mayBeLeft;

  /**
   * Creates a probe that has ended.
   *
   * @param waiting is woken when the probe ends
   * @param last is called before {@code waiting} is woken, by the thread that ends the probe
   */
  Probe(NextQueue queues, Thread waiting, Runnable last) {
    this.queues = queues;
    this.waiting = waiting;
    this.last = last;
  }

  /** Starts the first threads. The last probe has ended, or could not start its threads. */
  void start() {
    state.set(ENDED);
    mayBeLeft = pending.getAndAdd(FIRST);
    state.set(RUNNING); // last: until then, no thread ends the probe
    start(FIRST);
  }

  /** Starts the other threads, unless the first threads have run. */
  void startOthers() {
    if (state.get() == RUNNING) {
      int others = ALL - FIRST;
      pending.addAndGet(others); // before more may be left
      mayBeLeft = MOST_LEFT;
      start(others);
    }
  }

  private void start(int threads) {
    int started = 0;
    try {
      for (; started < threads; started++) {
        queues.advance();
        queues.start(this);
      }
    } finally {
      pending.addAndGet(started - threads); // out of memory
    }
  }

  /** {@return how many threads have not run, of this and earlier probes} */
  int pending() {
    return pending.get();
  }

  /** {@return whether the probe has ended} */
  boolean hasRun() {
    return state.get() == ENDED;
  }

  @Override
  public void run() {
    if (pending.decrementAndGet() <= mayBeLeft && state.compareAndSet(RUNNING, ENDING)) {
      last.run();
      state.set(ENDED);
      LockSupport.unpark(waiting);
    }
  }
}
