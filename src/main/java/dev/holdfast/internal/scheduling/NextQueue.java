package dev.holdfast.internal.scheduling;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.LongAccumulator;

/**
 * Lets one thread submit virtual threads to different queues of the scheduler, one after another.
 */
final class NextQueue {

  /*
   * The scheduler of virtual threads has several queues for threads that are not its carriers. A
   * number in each Thread object, the probe of ThreadLocalRandom, selects the queue for that
   * thread, so a thread always uses the same one. java.util.concurrent replaces the number with the
   * next number of a pseudorandom sequence if two threads collide, for example in a cell of a
   * striped counter. The accumulator here causes such a collision without another thread: while it
   * computes the new value of a cell, its function changes that cell. If a JDK counts in another
   * way, the thread just keeps its queue.
   */

  private static final ThreadFactory VIRTUAL =
      Thread.ofVirtual().inheritInheritableThreadLocals(false).factory();

  private final LongAccumulator accumulator = new LongAccumulator(this::collide, 0);
  private final ThreadFactory threads;
  private boolean colliding;

  NextQueue() {
    this(VIRTUAL);
  }

  /** For tests, which run out of memory in the thread factory. */
  NextQueue(ThreadFactory threads) {
    this.threads = threads;
  }

  /** Selects a queue at random, which may be the same one. */
  void advance() {
    colliding = true;
    accumulator.accumulate(1);
    colliding = false;
  }

  /** Starts a virtual thread, which enters the current queue. */
  void start(Runnable task) {
    threads.newThread(task).start();
  }

  private long collide(long value, long x) {
    if (colliding) {
      colliding = false;
      accumulator.accumulate(x);
    }
    return value + x;
  }
}
