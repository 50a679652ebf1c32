package dev.holdfast.internal.cancel;

import dev.holdfast.internal.scheduling.Wakeups;
import dev.holdfast.internal.util.BargingLock;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** The scopes of a thread, nested like its calls, and the interrupt flag that they share. */
abstract class ScopeStack extends CancelScope {

  /*
   * Java gives a thread one interrupt flag, which two kinds of interrupt share. Holdfast sends
   * interrupts to stop a cancelled scope, and must clear them when that scope has ended. Interrupts
   * from outside must not get lost (law 4). These rules keep them apart:
   *
   * 1. Holdfast interrupts only in interrupt(), and holds the lock of the thread scope there. A
   *    thread leaves a scope under the same lock, so an interrupt arrives before the scope has
   *    ended or not at all. A thread that cancels does not wait for the lock: another thread may
   *    hold it and be stuck in Thread.interrupt, which closes the channel on which the target is
   *    blocked.
   * 2. A thread that waits inside Holdfast (CancelScope.waiting) is unparked, never interrupted. So
   *    a flag that is set during the wait came from outside. The owner of a combinator is in such a
   *    wait all the time.
   * 3. Holdfast does not interrupt a thread whose flag is already set, so it never claims a flag
   *    from outside as its own. It sets `interruptIsOurs` when it sends an interrupt or throws the
   *    exception that stands for one. From then on, until the thread leaves the cancelled scopes,
   *    an interrupt that user code finds in the flag, sets again, or throws counts as one from
   *    Holdfast.
   * 4. An interrupt is for one scope. It does not reach code inside a shield or inside a scope that
   *    closes its resources. Holdfast sends none for a scope that the thread has left.
   * 5. When the thread leaves a scope, the enclosing scope may be cancelled as well. Code inside
   *    may have swallowed that interrupt, so Holdfast sets the flag again.
   * 6. Holdfast may clear an interrupt from outside while it has another exception to throw. It
   *    then records the interrupt in CancelScope.outsideInterrupt, and sets the flag when the
   *    thread leaves the cancelled scopes.
   *
   * One case remains: after a cancellation has reached user code, every interrupt counts as one
   * from Holdfast.
   */

  private static final VarHandle THREAD;
  private static final VarHandle LOCKED;
  private static final VarHandle TOP;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      THREAD = lookup.findVarHandle(ScopeStack.class, "thread", Thread.class);
      LOCKED = lookup.findVarHandle(ScopeStack.class, "locked", boolean.class);
      TOP = lookup.findVarHandle(ScopeStack.class, "top", CancelScope.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * Set before the thread starts. Volatile, so that either this thread sees a cancellation, or the
   * cancelling thread sees this one.
   */
  private volatile @Nullable Thread thread;

  /**
   * The lock: a {@link BargingLock} in a field. As an object it would need memory, but most tasks
   * never use it, and scopes must end in a full heap too.
   */
  private volatile boolean locked;

  // Guarded by the lock. Only this thread writes it, and may read it without the lock. Snapshots
  // read it without the lock too, so writes have release semantics.
  private CancelScope top = this;
  private boolean interruptIsOurs;
  private boolean gone; // whether the thread has ended

  /** Whether a thread that found the lock taken has requested {@link #interrupt}. */
  private volatile boolean interruptRequested;

  ScopeStack(@Nullable Thread thread) {
    super(0);
    THREAD.set(this, thread); // not volatile: no other thread can see this object yet
  }

  /** Called under the lock before the thread enters its first scope. */
  abstract void entering();

  /** Called under the lock when the thread has left its last scope. */
  abstract void left();

  public final @Nullable Thread thread() {
    return thread;
  }

  public final void setThread(Thread thread) {
    this.thread = thread;
  }

  /** Drops the reference to a thread that has ended, because handles may outlive it. */
  public final void forgetThread() {
    THREAD.setRelease(this, null);
  }

  /** {@return the innermost scope; own thread only} */
  public final CancelScope top() {
    return top;
  }

  /** {@return the innermost scope; any thread may call this, and may read a stale value} */
  public final CancelScope topAcquire() {
    return (CancelScope) TOP.getAcquire(this);
  }

  private void lock() {
    for (int tries = 1; !tryLock(); tries++) {
      BargingLock.backOff(tries, null); // reports take this object for an idle thread
    }
  }

  private boolean tryLock() {
    return !locked && LOCKED.compareAndSet(this, false, true);
  }

  private void unlock() {
    locked = false;
    interruptIfRequested();
  }

  /** From here on Holdfast sends the thread no interrupt, and clears the last one. */
  final void endInterrupts() {
    lock();
    try {
      gone = true;
      if (interruptIsOurs) {
        Thread.interrupted();
      }
    } finally {
      LOCKED.setRelease(this, false); // not volatile: there is no request to look for
    }
  }

  /** Makes a scope the innermost one. */
  public final void push(CancelScope scope) {
    push(scope, false);
  }

  /**
   * Makes a scope the innermost one.
   *
   * @param waiting whether its thread also begins to wait; see {@link #beginWait}
   */
  public final void push(CancelScope scope, boolean waiting) {
    lock();
    try {
      if (waiting) {
        wait(scope);
      }
      if (top == this) {
        entering();
      }
      if (!scope.isIsolated()) {
        top.inner = scope;
      }
      TOP.setRelease(this, scope);
    } finally {
      unlock();
    }
  }

  /**
   * Makes a scope the innermost one, and protects it from interrupts for the enclosing scopes.
   * Clears the interrupt flag. If Holdfast had set it, {@link #pop} sets it again. An interrupt
   * from outside stays recorded in the scope until then.
   */
  final void pushIsolated(CancelScope scope) {
    push(scope);
    lock();
    try {
      scope.outsideInterrupt = Thread.interrupted() && !interruptIsOurs;
      interruptIsOurs = false; // until this scope is cancelled itself
    } finally {
      unlock();
    }
  }

  /**
   * Leaves the innermost scope.
   *
   * @param out the exception that leaves the scope, or null; an InterruptedException needs no flag
   */
  public final void pop(CancelScope scope, @Nullable Throwable out) {
    CancelScope outer = scope.outer();
    if (outer == null) {
      throw new AssertionError("the outermost frame is not popped");
    }
    lock();
    try {
      TOP.setRelease(this, outer);
      outer.inner = null;
      boolean set = Thread.interrupted();
      boolean outside = scope.outsideInterrupt || (set && !interruptIsOurs);
      interruptIsOurs = outer.pending() != null;
      if (!interruptIsOurs) {
        if (outside) {
          Thread.currentThread().interrupt();
        }
      } else {
        outer.outsideInterrupt |= outside;
        if (!(out instanceof InterruptedException) && !isInBlockingCall(outer)) {
          Thread.currentThread().interrupt();
        }
      }
      if (outer == this) {
        left();
      }
    } finally {
      unlock();
    }
  }

  /** Clears the interrupt flag for the exception that a cancelled scope is about to throw. */
  final void takeInterrupt(CancelScope scope) {
    lock();
    try {
      scope.outsideInterrupt |= Thread.interrupted() && !interruptIsOurs;
      interruptIsOurs = true;
    } finally {
      unlock();
    }
  }

  /** Clears the interrupt flag. {@return whether code outside the library had set it} */
  final boolean takeOutsideInterrupt() {
    lock();
    try {
      return Thread.interrupted() && !interruptIsOurs;
    } finally {
      unlock();
    }
  }

  /** {@return whether an interrupt from Holdfast may have caused an exception of user code} */
  final boolean isOurs() {
    lock();
    try {
      return interruptIsOurs;
    } finally {
      unlock();
    }
  }

  /**
   * Interrupts the thread for its cancelled scopes, or unparks it if it waits inside Holdfast. Does
   * not wait for the lock: the thread that holds it performs the request when it unlocks.
   */
  final void interrupt() {
    interruptRequested = true;
    interruptIfRequested();
  }

  /** Checks again after each unlock: a thread that found the lock taken has only left a request. */
  private void interruptIfRequested() {
    while (interruptRequested && tryLock()) {
      try {
        interruptRequested = false;
        interruptCancelled();
      } finally {
        locked = false;
      }
    }
  }

  private void interruptCancelled() {
    Thread target = thread;
    if (target == null || gone) {
      return;
    }
    boolean woken = false; // whether to unpark the thread instead of interrupting it
    boolean heldBack = false; // by the actions of a scope further in
    for (CancelScope s = top; s != null; s = s.outer()) {
      woken |= s.waiting || s.isClosing();
      heldBack |= s.holdsBack();
      if (s.cancellation() != null && (woken || !(heldBack || s.isHeldBack()))) {
        send(target, s, woken);
        return;
      }
      woken |= s.isIsolated();
    }
  }

  private void send(Thread target, CancelScope cancelled, boolean woken) {
    if (woken) {
      Wakeups.unpark(target);
    } else if (!target.isInterrupted() && !isInBlockingCall(cancelled)) {
      interruptIsOurs = true;
      try {
        Wakeups.interrupt(target);
      } catch (Throwable t) {
        // The close of an interruptible channel threw. The flag is set.
      }
    }
  }

  /** {@return whether an interrupt for a scope would hit a call that is cancelled by an action} */
  private boolean isInBlockingCall(CancelScope cancelled) {
    boolean around = false; // scopes opened inside the call are interrupted as usual
    for (CancelScope s = top; s != null; s = s.outer()) {
      if (s instanceof BlockingCall && (!around || s.cancellation() != null)) {
        return true;
      }
      around |= s == cancelled;
    }
    return false;
  }

  /**
   * Sets the flag again after the caller of a wait has caught its InterruptedException. Sets no
   * flag for a cancelled call that has a cancel action, because Holdfast never interrupts that
   * call.
   */
  public final void keepInterrupt() {
    if (top.pending() == null || !isInBlockingCall(top)) {
      Thread.currentThread().interrupt();
    }
  }

  /** From this call until {@link #endWait}, only interrupts from outside reach the thread. */
  public final void beginWait(CancelScope scope) {
    if (scope.waiting) {
      return;
    }
    lock();
    try {
      wait(scope);
    } finally {
      unlock();
    }
  }

  private void wait(CancelScope scope) {
    scope.waiting = true;
    if (interruptIsOurs) {
      Thread.interrupted();
    }
  }

  /** Ends the wait: the thread returns to user code or, after a cancellation, throws. */
  public final void endWait(CancelScope scope, boolean throwing) {
    lock();
    try {
      scope.waiting = false;
      if (scope.pending() != null) {
        scope.outsideInterrupt |= Thread.interrupted();
        interruptIsOurs = true;
        if (!throwing && !isInBlockingCall(scope)) {
          Thread.currentThread().interrupt();
        }
      }
    } finally {
      unlock();
    }
  }
}
