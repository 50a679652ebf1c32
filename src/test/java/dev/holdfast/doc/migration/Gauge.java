package dev.holdfast.doc.migration;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Holds tasks up, and knows how many are inside. */
final class Gauge {

  private final AtomicInteger inside = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();
  private final CountDownLatch open = new CountDownLatch(1);

  /** Waits until it is interrupted, or {@link #open opened}. */
  void hang() throws InterruptedException {
    enter();
    try {
      open.await();
    } finally {
      leave();
    }
  }

  /** Does not take the first interrupt for an answer. */
  void hangOn() throws InterruptedException {
    enter();
    try {
      open.await();
    } catch (InterruptedException swallowed) {
      open.await();
    } finally {
      leave();
    }
  }

  void enter() {
    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
  }

  void leave() {
    inside.decrementAndGet();
  }

  /** Lets everybody go. */
  void open() {
    open.countDown();
  }

  int inside() {
    return inside.get();
  }

  int most() {
    return most.get();
  }
}
