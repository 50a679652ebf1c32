package dev.holdfast.internal.cancel;

import dev.holdfast.Deadline;
import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.clock.CurrentScope;
import dev.holdfast.internal.clock.Simulator;
import dev.holdfast.internal.scheduling.Wakeups;
import dev.holdfast.internal.util.ForkSites;
import dev.holdfast.internal.util.Printable;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The outermost scope of a thread, and the registry of all threads that are in Holdfast. */
public class ThreadScope extends ScopeStack {

  /*
   * The registry maps every thread that is in Holdfast to its thread scope. A map keyed by thread
   * costs 40 bytes a thread; a thread-local, with the map that it needs, costs 136. The registry
   * also keeps blocked virtual threads reachable. Otherwise the JVM may collect them without
   * running their finally blocks.
   */

  private static final ConcurrentHashMap<Thread, ThreadScope> THREADS = new ConcurrentHashMap<>();

  static {
    CurrentScope.describeBy(ThreadScope::place);
  }

  /** When this thread began to wait inside Holdfast; the lowest bit marks a wait with a timeout. */
  private long waitingSince;

  public ThreadScope(@Nullable Thread thread) {
    super(thread);
  }

  /** {@return the thread scope of the current thread, or null outside every scope} */
  public static @Nullable ThreadScope current() {
    return THREADS.get(Thread.currentThread());
  }

  /** {@return how many threads are in Holdfast} */
  public static int count() {
    return THREADS.size();
  }

  /** {@return the innermost scope of the current thread, or null outside every scope} */
  public static @Nullable CancelScope currentScope() {
    ThreadScope threadScope = current();
    return threadScope == null ? null : threadScope.top();
  }

  private static CurrentScope.Place place() {
    CancelScope scope = currentScope();
    CancelScope user = scope == null ? null : scope.userScope();
    String at = ForkSites.userFrame();
    return user == null
        ? new CurrentScope.Place(0, 0, at)
        : new CurrentScope.Place(user.recordedId(), user.recordedParent(), at);
  }

  /**
   * Does what {@link #checkpointCurrent} does, and gives up the carrier if other threads starve.
   */
  public static void checkpointLoop() throws InterruptedException {
    Simulator.point("checkpoint", null);
    checkpointCurrent();
    Wakeups.checkpoint();
  }

  /** Waits for the given time; if it is 0, does what {@link #checkpointLoop} does. */
  public static void sleep(long nanos) throws InterruptedException {
    if (nanos == 0) {
      checkpointLoop();
    } else {
      enter().await(() -> false, nanos, "the end of its sleep");
    }
  }

  /** Throws if the current task or scope was cancelled, or its thread interrupted from outside. */
  public static void checkpointCurrent() throws InterruptedException {
    CancelScope scope = ThreadScope.currentScope();
    if (scope == null) {
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted from outside");
      }
      return;
    }
    scope.checkpoint();
    scope.threadScope().throwInterrupt("interrupted from outside");
    scope.checkpoint(); // Holdfast may have set the flag
  }

  /** Throws if the flag was set from outside, and cancels the scopes of this thread. */
  public final void throwInterrupt(String message) throws InterruptedException {
    if (Thread.currentThread().isInterrupted() && takeOutsideInterrupt()) {
      throw interruptedFromOutside(message);
    }
  }

  /**
   * Called between two pieces of user code that a thread of the library runs one after the other.
   * Clears an interrupt flag that the earlier code has left, unless it stands for a cancellation.
   */
  public final void endUserCode() {
    if (Thread.currentThread().isInterrupted() && top().pending() == null) {
      takeOutsideInterrupt();
    }
  }

  /** Cancels the scopes of the current thread if it was interrupted from outside. */
  public final void noticeInterrupt() {
    if (Thread.currentThread().isInterrupted() && !isOurs()) {
      interruptOwner(new InterruptedException("interrupted from outside"));
    }
  }

  /**
   * Cancels the scopes of this thread. {@return the exception for a wait that an interrupt from
   * outside ends}
   */
  InterruptedException interruptedFromOutside(String message) {
    var thrown = new InterruptedException(message);
    cancelFor(thrown);
    return thrown;
  }

  /** Cancels the scopes of this thread because an interrupt from outside has ended a wait. */
  final void cancelFor(InterruptedException thrown) {
    CancelScope innermost = top();
    innermost.fromOutside(thrown);
    interruptOwner(thrown);
    if (innermost.pending() != null) {
      takeInterrupt(innermost); // clears the interrupt that the cancellation sent to this thread
    }
  }

  /** Cancels every scope that is open in this thread, whatever its body does with the exception. */
  public final void interruptOwner(InterruptedException thrown) {
    for (CancelScope scope = top(); scope != null; scope = scope.outer()) {
      scope.ownerInterrupted(thrown);
    }
  }

  /**
   * {@return the thread scope of the current thread, a new one for a thread that is in no scope}
   */
  public static ThreadScope enter() {
    ThreadScope threadScope = current();
    return threadScope == null ? new ThreadScope(Thread.currentThread()) : threadScope;
  }

  /**
   * {@return whether the thread runs code that the cancellation of enclosing scopes does not reach}
   */
  public final boolean isShielded() {
    for (CancelScope scope = top(); scope != null; scope = scope.outer()) {
      if (scope.isIsolated()) {
        return true;
      }
    }
    return false;
  }

  /** Passes the thread scopes of all threads that are in Holdfast to {@code action}. */
  public static void forEachThread(Consumer<? super ThreadScope> action) {
    THREADS.values().forEach(action);
  }

  /** Records that the thread is about to park, for snapshots. */
  public final void markWait(boolean timed) {
    markWait(timed, Clock.nanoTime());
  }

  /**
   * Records that the thread is about to park, without reading the clock.
   *
   * @param now the time, or a slightly earlier one
   */
  public final void markWait(boolean timed, long now) {
    Wakeups.beforePark(now);
    waitingSince = (now & ~1L) | (timed ? 1 : 0);
    VarHandle.releaseFence(); // a thread that reads the blocker also sees this time
  }

  final long waitedNanos() {
    return Clock.nanoTime() - waitingSince;
  }

  final boolean isWaitTimed() {
    return (waitingSince & 1) != 0;
  }

  /** Registers this thread scope for the current thread. */
  public final void bind() {
    THREADS.put(Thread.currentThread(), this);
  }

  /** Ends this thread scope. */
  public final void unbind() {
    THREADS.remove(Thread.currentThread());
    endInterrupts();
  }

  @Override
  final void entering() {
    if (!isTask()) {
      bind();
    }
  }

  @Override
  final void left() {
    if (!isTask()) {
      THREADS.remove(Thread.currentThread());
    }
  }

  /**
   * Waits in the innermost scope of the current thread.
   *
   * @param nanos the timeout; 0 waits indefinitely
   * @return whether the condition holds; false only after a timeout
   * @throws InterruptedException if the scope is cancelled or the thread interrupted from outside
   */
  public final boolean await(BooleanSupplier condition, long nanos, Object blocker)
      throws InterruptedException {
    return Parking.await(this, condition, nanos, blocker, false);
  }

  /** Waits for work, like {@link #await}; an interrupt from outside does not end the wait. */
  public final void awaitWork(BooleanSupplier condition, long nanos, Object blocker)
      throws InterruptedException {
    Parking.await(this, condition, nanos, blocker, true);
  }

  /** Waits in the innermost scope of the current thread, whether that scope is cancelled or not. */
  final void awaitAnyway(BooleanSupplier condition, Object blocker) {
    Parking.awaitAnyway(this, condition, 0, blocker);
  }

  @Override
  public final ThreadScope threadScope() {
    return this;
  }

  @Override
  public final @Nullable CancelScope outer() {
    return null;
  }

  @Override
  public Deadline deadline() {
    return Deadline.NONE;
  }

  @Override
  public String label() {
    Thread known = thread();
    return known == null || known.getName().isEmpty()
        ? "an unnamed thread"
        : "thread '" + Printable.of(known.getName()) + "'";
  }

  @Override
  public String running() {
    return "";
  }

  @Override
  public boolean hasEnded() {
    return false;
  }
}
