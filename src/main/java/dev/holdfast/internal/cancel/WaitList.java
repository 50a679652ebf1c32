package dev.holdfast.internal.cancel;

import dev.holdfast.internal.scheduling.Wakeups;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The threads that wait for one thing to happen. A thread that stops waiting leaves at once. */
public final class WaitList {

  /*
   * A stack of waiting threads as in FutureTask. A thread pushes its node, then checks the
   * condition. A thread that makes the condition true does that first and then reads the stack. So
   * one of them sees the other.
   *
   * A thread that stops waiting clears its node. If each thread also unlinked its own node, it
   * would walk over the others, and when many stop at once, as after a wake, the time would be
   * quadratic in their number. So a thread unlinks all cleared nodes, but only when their number is
   * half the number of threads that waited at the last unlinking. A few cleared nodes therefore
   * remain for a while.
   *
   * One thread at a time unlinks. A thread counts its node first. If it cannot unlink because
   * another thread does, that other thread reads the count again afterwards. A plain write bypasses
   * nodes in the middle, because a thread that is at a bypassed node still reaches the rest of the
   * stack.
   */

  /** A waiting thread; {@code thread} is null once it has stopped waiting. */
  static final class Node {

    private volatile @Nullable Thread thread = Thread.currentThread();
    private volatile @Nullable Node next;
  }

  private static final VarHandle HOOK;
  private static final VarHandle CLEARED;
  private static final VarHandle UNLINKING;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      HOOK = lookup.findVarHandle(WaitList.class, "hook", Runnable.class);
      CLEARED = lookup.findVarHandle(WaitList.class, "cleared", int.class);
      UNLINKING = lookup.findVarHandle(WaitList.class, "unlinking", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final AtomicReference<@Nullable Node> top = new AtomicReference<>();

  /** Runs at each wake; it must not block. */
  private volatile @Nullable Runnable hook;

  /** How many nodes were cleared since the last unlinking. */
  private volatile int cleared;

  /** How many threads waited when cleared nodes were last unlinked. */
  private volatile int waited;

  @SuppressWarnings("unused") // by UNLINKING
  private volatile boolean unlinking;

  /**
   * {@return the action that runs at each wake, after the threads are unparked; the first caller
   * creates it}
   */
  public Runnable hook(Supplier<? extends Runnable> make) {
    Runnable existing = hook;
    if (existing == null) {
      Runnable made = make.get();
      Runnable witness = (Runnable) HOOK.compareAndExchange(this, null, made);
      existing = witness == null ? made : witness;
    }
    return existing;
  }

  /**
   * Waits in the innermost scope of the current thread; see {@link ThreadScope#await}.
   *
   * @param nanos the timeout; 0 waits indefinitely
   * @return whether the condition holds; false only after a timeout
   */
  public boolean await(BooleanSupplier condition, long nanos, Object blocker)
      throws InterruptedException {
    Node node = push();
    try {
      return ThreadScope.enter().await(condition, nanos, blocker);
    } finally {
      remove(node);
    }
  }

  /** Waits whether the current thread is cancelled or not; an interrupt stays in the flag. */
  public boolean awaitAnyway(BooleanSupplier condition, long nanos, Object blocker) {
    Node node = push();
    try {
      return Parking.awaitAnyway(ThreadScope.enter(), condition, nanos, blocker);
    } finally {
      remove(node);
    }
  }

  Node push() {
    var node = new Node();
    do {
      node.next = top.get();
    } while (!top.compareAndSet(node.next, node));
    return node;
  }

  void remove(Node node) {
    node.thread = null;
    if (node.next == null && top.compareAndSet(node, null)) {
      return; // no other thread waits
    }
    CLEARED.getAndAdd(this, 1);
    while (cleared > 0 && cleared >= waited / 2 && UNLINKING.compareAndSet(this, false, true)) {
      try {
        cleared = 0; // first: later cleared nodes are found, or counted, or both
        waited = unlinkCleared();
      } finally {
        unlinking = false;
      }
    }
  }

  /** Makes the waiting threads check their conditions again. */
  public void wake() {
    for (Node node = top.get(); node != null; node = node.next) {
      Wakeups.unpark(node.thread);
    }
    Runnable action = hook;
    if (action != null) {
      action.run();
    }
  }

  /** {@return how many threads wait} */
  private int unlinkCleared() {
    int waiting = 0;
    Node before = null;
    Node node = top.get();
    while (node != null) {
      Node next = node.next;
      if (node.thread != null) {
        waiting++;
        before = node;
      } else if (before != null) {
        before.next = next;
      } else if (!top.compareAndSet(node, next)) { // other threads have pushed nodes
        next = top.get();
      }
      node = next;
    }
    return waiting;
  }

  /** {@return how many nodes there are, for tests} */
  int size() {
    int size = 0;
    for (Node node = top.get(); node != null; node = node.next) {
      size++;
    }
    return size;
  }
}
