package dev.holdfast.simulation.engine;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The thread that examines the strands whenever the carrier is free, and the loop that watches it.
 */
final class Referee {

  /*
   * The referee yields in a loop, and it naps for two reasons. First, JDK 21 adds a carrier while a
   * virtual thread loads a class, and that carrier stays as long as it finds work; during a nap it
   * finds none and ends. Second, a carrier that always finds the next thread in one queue never
   * looks into the others, where a platform thread may have put a strand. The same holds for the
   * referee: a timer thread ends its nap and puts it into another queue, where a strand that yields
   * in a loop starves it, on JDK 21 indefinitely. So the referee does not nap while it sees such a
   * loop. If a loop begins during a nap, the watch starts another referee, from threads that use
   * different queues.
   */

  /** How often the referee looks without effect before it naps. */
  private static final int PATIENCE = 200;

  private static final long NAP_NANOS = 50_000;

  private static final long WATCH_MILLIS = 50;

  /** How many threads try to start another referee. */
  private static final int STARTERS = 8;

  private final Controller controller;
  private final CountDownLatch over = new CountDownLatch(1);

  private volatile @Nullable Thread thread;
  private volatile boolean napping;
  private final AtomicInteger naps = new AtomicInteger();

  // Used by the watching thread only.
  private int napsBefore;
  private long progress = -1;
  private long since;

  Referee(Controller controller) {
    this.controller = controller;
  }

  boolean is(Thread other) {
    return thread == other;
  }

  /** Starts the first strand and the referee, and waits until the simulation has ended. */
  void run(Thread first) {
    Thread judge =
        Thread.ofVirtual()
            .name("simulation-referee")
            .unstarted(() -> {
              first.start(); // here, so that the carrier finds both threads in one queue
              judge();
            });
    thread = judge;
    judge.start();
    boolean interrupted = false;
    for (; ; ) {
      try {
        if (over.await(WATCH_MILLIS, TimeUnit.MILLISECONDS)) {
          break;
        }
      } catch (InterruptedException e) {
        interrupted = true;
        controller.fail(Verdicts.interrupted());
      }
      if (isStuck()) {
        controller.giveUp();
        break;
      }
      if (napping && naps.get() == napsBefore) {
        replace();
      }
      napsBefore = naps.get();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isStuck() {
    long now = System.nanoTime();
    long reached = controller.progress();
    if (reached != progress) {
      progress = reached;
      since = now;
    }
    return now - since > Limits.TURN.toNanos();
  }

  private void replace() {
    Thread before = thread;
    for (int i = 0; i < STARTERS; i++) {
      Thread.ofPlatform()
          .daemon()
          .name("simulation-watch")
          .start(() -> Thread.ofVirtual().name("simulation-referee").start(() -> takeOver(before)));
    }
  }

  private void takeOver(@Nullable Thread before) {
    controller.lock();
    try {
      if (thread != before || !napping) {
        return;
      }
      thread = Thread.currentThread();
      napping = false;
    } finally {
      controller.lock.unlock();
    }
    judge();
  }

  @SuppressWarnings("ThreadPriorityCheck")
  private void judge() {
    try {
      for (int idle = 0; controller.look(); ) {
        if (controller.hasRung()) {
          idle = 0;
        } else if (++idle % PATIENCE == 0 && !controller.isYielding()) {
          if (!nap()) {
            return;
          }
        } else {
          Thread.yield();
        }
      }
    } catch (Throwable bug) {
      controller.fail(bug);
    }
    controller.release();
    over.countDown();
  }

  /** Parks for a short time. {@return whether this thread is still the referee} */
  private boolean nap() {
    naps.incrementAndGet();
    napping = true;
    LockSupport.parkNanos(NAP_NANOS);
    controller.lock();
    try {
      if (thread != Thread.currentThread()) {
        return false;
      }
      napping = false;
      return true;
    } finally {
      controller.lock.unlock();
    }
  }
}
