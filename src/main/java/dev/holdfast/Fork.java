package dev.holdfast;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The handle of a task that was forked in a scope.
 *
 * <p>A fork always completes: with a value, with a failure, or cancelled. Its methods may be called
 * by any thread, also after its scope has ended. What the task did happens-before {@link #join}
 * returns or {@link #isDone} answers {@code true}.
 *
 * @param <T> the type of the value
 * @since 0.1
 */
public final class Fork<T extends @Nullable Object> {

  /**
   * How far a fork has come.
   *
   * @since 0.1
   */
  public enum State {
    /** It has not ended; it may have been asked to. */
    RUNNING,
    /** It returned a value. */
    SUCCESS,
    /** It threw. */
    FAILED,
    /** It was cancelled before it was done, or never started. */
    CANCELLED
  }

  private final Body<T> body;

  Fork(ScopeFrame scope, @Nullable String name, int number, Callable<? extends T> task) {
    this.body = new Body<>(scope, name, number, task);
  }

  Child body() {
    return body;
  }

  /**
   * Waits for the fork to end and returns its value.
   *
   * <p>If the calling task was cancelled, or its thread is interrupted, this throws without waiting
   * any longer; the fork goes on. It may be called any number of times.
   *
   * @return what the task returned, may be {@code null}
   * @throws ForkFailedException if the task failed; the cause is what it threw
   * @throws CancellationException if the fork was cancelled, or never started
   * @throws IllegalStateException if the fork joins itself, directly or from a scope inside it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public T join() throws InterruptedException {
    return body.join();
  }

  /** {@return whether the task has ended} */
  public boolean isDone() {
    return body.isDone();
  }

  /** {@return how far the fork has come} */
  public State state() {
    return body.state();
  }

  /**
   * Cancels this fork alone: interrupts it, again and again until it ends, with everything started
   * in it. Does not wait; {@link #join} does, and then throws {@link CancellationException}. Of no
   * effect on a fork that is done.
   */
  public void cancel() {
    body.cancel(Cancellation.explicit(body.label(), "Fork.cancel was called"));
  }

  /** {@return the name it was given, or one made of the scope's name and a number} */
  public String name() {
    return body.name();
  }

  /** {@return the name and the state} */
  @Override
  public String toString() {
    return "Fork[" + name() + ", " + state() + "]";
  }

  /** A thread that waits for the fork; null once it has given up. */
  private static final class Waiter {

    private volatile @Nullable Thread thread;
    private final @Nullable Waiter next;

    Waiter(@Nullable Thread thread, @Nullable Waiter next) {
      this.thread = thread;
      this.next = next;
    }
  }

  /** The task itself; apart from its handle so that the handle shows nothing of it. */
  static class Body<T extends @Nullable Object> extends Child {

    private static final VarHandle WAITERS;
    private static final Waiter DONE = new Waiter(null, null);

    static {
      try {
        WAITERS = MethodHandles.lookup().findVarHandle(Body.class, "waiters", Waiter.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    /** Null once it has run, so that what the task holds on to can go. */
    private @Nullable Callable<? extends T> task;

    // Published by waiters becoming DONE.
    private @Nullable Object outcome;
    private State state = State.RUNNING;

    private volatile @Nullable Waiter waiters;

    /** Whether somebody has been told of the failure. */
    private volatile boolean told;

    Body(ScopeFrame scope, @Nullable String name, int number, Callable<? extends T> task) {
      this(scope, name, number, ThreadContext.capture(), task);
    }

    Body(
        ScopeFrame scope,
        @Nullable String name,
        int number,
        @Nullable Object context,
        Callable<? extends T> task) {
      super(scope, name, number, context);
      this.task = task;
    }

    @Override
    @Nullable Object work() throws Exception {
      Callable<? extends T> work = task;
      return work == null ? null : work.call();
    }

    @Override
    void conclude(State state, @Nullable Object result, @Nullable Throwable thrown) {
      this.state = state;
      outcome = state == State.SUCCESS ? result : thrown;
      task = null;
      Waiter waiting = (Waiter) WAITERS.getAndSet(this, DONE);
      for (; waiting != null; waiting = waiting.next) {
        LockSupport.unpark(waiting.thread);
      }
    }

    public boolean isDone() {
      return waiters == DONE;
    }

    State state() {
      return isDone() ? state : State.RUNNING;
    }

    /** Called when somebody is told of the failure. */
    final void hear() {
      told = true;
    }

    /** {@return whether this failed and nobody has heard of it} */
    boolean failedUnheard() {
      return state() == State.FAILED && !told;
    }

    T join() throws InterruptedException {
      Strand strand = Strand.current();
      boolean waited = false;
      if (!isDone()) {
        ensureNotInside(strand);
        waited = await(strand, this::isDone, 0);
      }
      if (!waited && strand != null && state != State.FAILED) {
        strand.top().checkpoint();
      }
      return switch (state) {
        case SUCCESS -> value();
        case FAILED -> {
          hear();
          throw new ForkFailedException(
              label() + " failed: " + Failures.describe(thrown()), thrown());
        }
        case CANCELLED, RUNNING -> throw wasCancelled();
      };
    }

    private CancellationException wasCancelled() {
      Cancellation why = cancellation();
      var cancelled =
          new CancellationException(
              label() + " was cancelled" + (why == null ? "" : ": " + why.reason()));
      if (why != null) {
        cancelled.initCause(why.exception());
      }
      if (outcome instanceof Throwable thrown && !Failures.isConsequence(thrown)) {
        cancelled.addSuppressed(thrown);
      }
      return cancelled;
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // T says whether it may be null
    private T value() {
      return (T) outcome;
    }

    Throwable thrown() {
      return outcome instanceof Throwable thrown ? thrown : new AssertionError(outcome);
    }

    final void ensureNotInside(@Nullable Strand strand) {
      for (Strand s = strand;
          s != null;
          s = s instanceof Child child ? child.scope.strand() : null) {
        if (s == this) {
          throw new IllegalStateException(
              label() + " waits for itself: it cannot join its own fork; return the value instead");
        }
      }
    }

    /**
     * Waits for something this task brings about, see {@link #wakeWaiting}.
     *
     * @param strand that of the current thread, or null outside every scope
     * @param nanos for how long, 0 for ever
     * @return false if the task was done already
     */
    final boolean await(@Nullable Strand strand, BooleanSupplier condition, long nanos)
        throws InterruptedException {
      Thread thread = Thread.currentThread();
      for (Waiter first = waiters; first != DONE; first = waiters) {
        Waiter waiting = first;
        while (waiting != null && waiting.thread == null) {
          waiting = waiting.next; // gave up
        }
        var waiter = new Waiter(thread, waiting);
        if (WAITERS.compareAndSet(this, first, waiter)) {
          try {
            (strand == null ? new Strand(thread) : strand).await(condition, nanos, this);
          } finally {
            waiter.thread = null;
          }
          return true;
        }
      }
      return false;
    }

    /** Has those who wait look again; who still has to wait goes on waiting. */
    final void wakeWaiting() {
      for (Waiter waiter = waiters; waiter != null; waiter = waiter.next) {
        LockSupport.unpark(waiter.thread);
      }
    }

    @Override
    public String toString() {
      return label();
    }
  }
}
