package dev.holdfast.simulation.engine;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waits, on the thread that runs a simulation, for its end, in real time. */
final class Watchdog {

  private final Controller controller;
  private long steps = -1;
  private long since;

  Watchdog(Controller controller) {
    this.controller = controller;
  }

  void await(CountDownLatch over) {
    boolean interrupted = false;
    for (; ; ) {
      try {
        if (over.await(100, TimeUnit.MILLISECONDS)) {
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
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isStuck() {
    long now = System.nanoTime();
    long reached = controller.progress();
    if (reached != steps) {
      steps = reached;
      since = now;
    }
    return now - since > Limits.TURN.toNanos();
  }
}
