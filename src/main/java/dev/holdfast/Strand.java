package dev.holdfast;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The outermost frame of a thread, and the keeper of the thread's interrupts. */
non-sealed class Strand extends Frame {

  /*
   * Java gives a thread one interrupt flag, and two kinds of interrupt meet in it: those Holdfast
   * sends to stop a cancelled frame, which must be gone when that frame has ended, and those from
   * outside, which must not get lost. The rules that keep them apart:
   *
   * 1. Every interrupt Holdfast sends goes through interrupt(Frame), under this strand's lock. A
   *    frame is left under the same lock, so an interrupt lands before the frame has ended or not at
   *    all: nobody has to wait for one that is on its way.
   * 2. While a thread waits inside Holdfast (frame.waiting) it is unparked, never interrupted. A
   *    flag that is set then came from outside. Aggregations spend their life there.
   * 3. A thread whose flag is set is not interrupted again: the flag is not ours then. One that was
   *    sent sets `ours`; leaving the frame clears the flag only if `ours` is set.
   * 4. Interrupts are for a frame. They do not pass a shield, nor a scope that is closing its
   *    resources, on their way in; a frame that was left is not found and gets none.
   * 5. On leaving a frame the one around it may be cancelled itself; its interrupt was perhaps
   *    swallowed inside, so it is set again.
   *
   * What remains: an outside interrupt that arrives while one of ours is pending in user code, or
   * between user code swallowing ours and the frame's end, is taken for ours. Java cannot tell.
   *
   * The registry maps every thread that is in Holdfast to its strand. A map keyed by thread costs
   * 40 bytes a thread; a thread-local, with the map it creates, 136. It also keeps blocked virtual
   * threads reachable, which the JVM may otherwise collect without running their finally blocks.
   */

  private static final ConcurrentHashMap<Thread, Strand> STRANDS = new ConcurrentHashMap<>();

  private static final VarHandle LOCK;

  /** In place of a lock: the thread ended before anybody needed one. */
  private static final ReentrantLock GONE = new ReentrantLock();

  static {
    try {
      LOCK = MethodHandles.lookup().findVarHandle(Strand.class, "lock", ReentrantLock.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * Set before the thread starts; volatile so that either it sees a cancel or the cancel sees it.
   */
  private volatile @Nullable Thread thread;

  /** Made when first needed; most tasks have no frame inside and are never cancelled. */
  private volatile @Nullable ReentrantLock lock;

  // Guarded by the lock; top is written by this thread only, which may read it freely.
  private Frame top = this;
  private boolean ours;
  private boolean left;

  Strand(@Nullable Thread thread) {
    this.thread = thread;
  }

  /** {@return the strand of the current thread, or null outside every scope} */
  static @Nullable Strand current() {
    return STRANDS.get(Thread.currentThread());
  }

  /** {@return how many threads are in Holdfast} */
  static int count() {
    return STRANDS.size();
  }

  /** {@return the innermost frame of the current thread, or null outside every scope} */
  static @Nullable Frame currentFrame() {
    Strand strand = current();
    return strand == null ? null : strand.top;
  }

  /** {@return the strand of the current thread, a new one for a thread that is in no scope} */
  static Strand enter() {
    Strand strand = current();
    return strand == null ? new Strand(Thread.currentThread()) : strand;
  }

  /** {@return the innermost frame; for this strand's own thread} */
  final Frame top() {
    return top;
  }

  final @Nullable Thread thread() {
    return thread;
  }

  final void setThread(Thread thread) {
    this.thread = thread;
  }

  private ReentrantLock lock() {
    ReentrantLock existing = lock;
    if (existing != null) {
      return existing;
    }
    var created = new ReentrantLock();
    ReentrantLock witness = (ReentrantLock) LOCK.compareAndExchange(this, null, created);
    return witness == null ? created : witness;
  }

  /** Makes this strand the one of the current thread. */
  final void bind() {
    STRANDS.put(Thread.currentThread(), this);
  }

  /** Ends this strand: no interrupt of ours reaches its thread, or stays in it, from here on. */
  final void unbind() {
    STRANDS.remove(Thread.currentThread());
    if (LOCK.compareAndSet(this, null, GONE)) {
      return;
    }
    ReentrantLock guard = lock();
    guard.lock();
    try {
      left = true;
      dropOwnInterrupt();
    } finally {
      guard.unlock();
    }
  }

  /** Makes a frame the innermost one. */
  final void push(Frame frame) {
    ReentrantLock guard = lock();
    guard.lock();
    try {
      if (top == this && !(this instanceof Child)) {
        bind();
      }
      if (!(frame instanceof Shield) && !top.closing()) {
        top.inner = frame;
      }
      top = frame;
    } finally {
      guard.unlock();
    }
  }

  /**
   * Leaves the innermost frame.
   *
   * @param quietly whether an InterruptedException is on its way to the frame around, which then
   *     needs no flag
   */
  final void pop(Frame frame, boolean quietly) {
    ReentrantLock guard = lock();
    guard.lock();
    try {
      Frame around = frame.outer();
      if (around == null) {
        throw new AssertionError("the outermost frame is not popped");
      }
      top = around;
      around.inner = null;
      dropOwnInterrupt();
      if (!quietly) {
        reassert(around);
      }
      if (around == this && !(this instanceof Child)) {
        STRANDS.remove(Thread.currentThread());
      }
    } finally {
      guard.unlock();
    }
  }

  /** Clears the flag if what is in it came from Holdfast. */
  private void dropOwnInterrupt() {
    if (ours) {
      Thread.interrupted();
      ours = false;
    }
  }

  private void reassert(Frame frame) {
    if (frame.pending() != null && !Thread.currentThread().isInterrupted()) {
      ours = true;
      Thread.currentThread().interrupt();
    }
  }

  /** Before an operation throws for a cancellation: the exception takes the flag's place. */
  final void consumeOwnInterrupt() {
    ReentrantLock guard = lock();
    guard.lock();
    try {
      dropOwnInterrupt();
    } finally {
      guard.unlock();
    }
  }

  /** Interrupts the thread on behalf of one of its frames, or wakes it where it waits for us. */
  final void interrupt(Frame frame) {
    ReentrantLock guard = lock();
    if (guard == GONE) {
      return;
    }
    guard.lock();
    try {
      Thread target = thread;
      if (target == null || left) {
        return;
      }
      for (Frame f = top; f != frame; f = f.outer()) {
        if (f == null) {
          return; // the frame was left
        }
        if (f.waiting || f instanceof Shield) {
          LockSupport.unpark(target);
          return;
        }
      }
      if (frame.waiting) {
        LockSupport.unpark(target);
      } else if (!target.isInterrupted()) {
        ours = true;
        target.interrupt();
      }
    } catch (Throwable t) {
      // An interruptible channel whose close threw. The flag is set, and the others are waiting.
    } finally {
      guard.unlock();
    }
  }

  /** From here until {@link #endWait} interrupts from outside are the only ones. */
  final void beginWait(Frame frame) {
    ReentrantLock guard = lock();
    guard.lock();
    try {
      frame.waiting = true;
      dropOwnInterrupt();
    } finally {
      guard.unlock();
    }
  }

  final void endWait(Frame frame, boolean quietly) {
    ReentrantLock guard = lock();
    guard.lock();
    try {
      frame.waiting = false;
      if (!quietly) {
        reassert(frame);
      }
    } finally {
      guard.unlock();
    }
  }

  /**
   * Waits in the innermost frame of the current thread.
   *
   * @param nanos for how long, 0 for ever
   * @return whether the condition holds; false only after a time-out
   * @throws InterruptedException if the frame is cancelled or the thread interrupted from outside
   */
  final boolean await(BooleanSupplier condition, long nanos, Object blocker)
      throws InterruptedException {
    Frame frame = top;
    frame.checkpoint();
    long until = nanos == 0 ? 0 : System.nanoTime() + nanos;
    beginWait(frame);
    boolean thrown = true;
    try {
      boolean held = condition.getAsBoolean();
      while (!held) {
        Cancellation pending = frame.pending();
        if (pending != null) {
          throw pending.interruption();
        }
        if (Thread.interrupted()) {
          throw new InterruptedException("interrupted from outside while waiting for " + blocker);
        }
        if (nanos == 0) {
          LockSupport.park(blocker);
        } else {
          long remaining = until - System.nanoTime();
          if (remaining <= 0) {
            break;
          }
          LockSupport.parkNanos(blocker, remaining);
        }
        held = condition.getAsBoolean();
      }
      thrown = false;
      return held;
    } finally {
      endWait(frame, thrown);
    }
  }

  @Override
  final Strand strand() {
    return this;
  }

  @Override
  final @Nullable Frame outer() {
    return null;
  }

  @Override
  Deadline deadline() {
    return Deadline.NONE;
  }

  @Override
  String label() {
    Thread known = thread;
    return "Thread '" + (known == null ? "" : known.getName()) + "'";
  }

  @Override
  boolean hasEnded() {
    return false;
  }
}
