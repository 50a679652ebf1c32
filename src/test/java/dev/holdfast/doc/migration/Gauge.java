package dev.holdfast.doc.migration;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Blocks tasks until it is opened, and counts them. */
final class Gauge {

  private final AtomicInteger inside = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();
  private final CountDownLatch open = new CountDownLatch(1);

  /** Waits until it is {@link #open opened} or the thread is interrupted. */
  void hang() throws InterruptedException {
    enter();
    try {
      open.await();
    } finally {
      leave();
    }
  }

  /** Like {@link #hang}, but swallows the first interrupt. */
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

  /** Releases all tasks. */
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
