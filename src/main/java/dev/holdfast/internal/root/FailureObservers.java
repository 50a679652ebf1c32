package dev.holdfast.internal.root;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Whether a caller of a root scope throws its failure, so that it need not be logged. */
final class FailureObservers {

  /** How many threads are in a call that will throw the failure. */
  private final AtomicInteger inside = new AtomicInteger();

  private final AtomicBoolean observed = new AtomicBoolean();
  private final AtomicBoolean taken = new AtomicBoolean();

  /** Begins a call that throws the failure if the root ends during it. */
  void enter() {
    inside.incrementAndGet();
  }

  /** Marks the failure as observed, before {@link #leave}. {@return whether no earlier call did} */
  boolean observe() {
    return observed.compareAndSet(false, true);
  }

  void leave() {
    inside.decrementAndGet();
  }

  /** {@return true, once, if no call throws the failure or has thrown it} */
  boolean takeUnobserved() {
    // Read in this order: a call sets `observed` before it leaves.
    return inside.get() == 0 && !observed.get() && taken.compareAndSet(false, true);
  }
}
