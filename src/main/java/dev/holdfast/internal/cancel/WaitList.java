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
   * A thread that stops waiting clears its node and then unlinks every cleared node it meets. Nodes
   * in the middle are bypassed with a plain write: a thread that is at a bypassed node still
   * reaches the rest of the stack. If the node before is cleared meanwhile, the bypass may be lost
   * with it, so the walk starts again.
   */

  /** A thread that waits; it is null once the thread has stopped waiting. */
  private static final class Node {

    private volatile @Nullable Thread thread = Thread.currentThread();
    private volatile @Nullable Node next;
  }

  private static final VarHandle HOOK;

  static {
    try {
      HOOK = MethodHandles.lookup().findVarHandle(WaitList.class, "hook", Runnable.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final AtomicReference<@Nullable Node> top = new AtomicReference<>();

  /** Runs at each wake; it must not block. */
  private volatile @Nullable Runnable hook;

  /** {@return the action that runs at each wake, after the threads; the first caller makes it} */
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
   * @param nanos for how long, 0 for ever
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

  private Node push() {
    var node = new Node();
    do {
      node.next = top.get();
    } while (!top.compareAndSet(node.next, node));
    return node;
  }

  private void remove(Node node) {
    node.thread = null;
    unlinkCleared();
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

  private void unlinkCleared() {
    Node before = null;
    Node node = top.get();
    while (node != null) {
      Node next = node.next;
      boolean raced = false;
      if (node.thread != null) {
        before = node;
      } else if (before == null) {
        raced = !top.compareAndSet(node, next);
      } else {
        before.next = next;
        raced = before.thread == null;
      }
      if (raced) {
        before = null;
        next = top.get();
      }
      node = next;
    }
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
