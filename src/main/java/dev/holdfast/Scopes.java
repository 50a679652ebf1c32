package dev.holdfast;

import dev.holdfast.internal.cancel.CancelScope;
import dev.holdfast.internal.cancel.Shield;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.scheduling.Wakeups;
import dev.holdfast.internal.util.Checks;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Opens scopes: the entry point of Holdfast.
 *
 * <p>A scope is a block: when its call returns or throws, every thread started in it has ended.
 *
 * {@snippet class="dev.holdfast.doc.Patterns" region="fan-out"}
 *
 * <p>{@link #named}, {@link #timeout} and {@link #limit} begin a {@link ScopeSpec}, which has the
 * other settings and the same methods:
 *
 * {@snippet class="dev.holdfast.doc.Patterns" region="spec"}
 *
 * <p>The {@linkplain dev.holdfast package description} states what all calls and combinators have
 * in common.
 *
 * @since 0.1
 */
public final class Scopes {

  private Scopes() {}

  /**
   * Runs a body in a new scope on the calling thread, and returns its value when everything started
   * in the scope has ended.
   *
   * @param <R> the type of the value
   * @param <X> the checked exception the body may throw
   * @param body the code to run
   * @return the body's value
   * @throws X if the body throws it
   * @throws ForkFailedException if a fork or worker fails
   * @throws ScopeCancelledException if {@link Scope#cancel} interrupted the body
   * @throws ScopeException if a resource cannot be closed
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public static <R extends @Nullable Object, X extends Exception> R call(ScopeBody<R, X> body)
      throws X, InterruptedException {
    return ScopeSpec.DEFAULT.call(body);
  }

  /**
   * Runs a body without a value in a new scope, otherwise as {@link #call}.
   *
   * @param <X> the checked exception the body may throw
   * @param body the code to run
   * @throws X if the body throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public static <X extends Exception> void run(ScopeAction<X> body) throws X, InterruptedException {
    ScopeSpec.DEFAULT.run(body);
  }

  /**
   * {@return a new scope that stays open until it is closed, see {@link RootScope}} It inherits no
   * deadline and no cancellation. This method does not block.
   */
  public static RootScope open() {
    return ScopeSpec.DEFAULT.open();
  }

  /**
   * {@return a new scope with the settings of a spec; see {@link #open()}} The timeout of the spec
   * starts at this call.
   *
   * @param spec the settings
   * @throws IllegalStateException if the spec has a {@linkplain ScopeSpec#hedge hedge}
   */
  public static RootScope open(ScopeSpec spec) {
    return Checks.given(spec, "spec").open();
  }

  /**
   * Applies a function to every item at the same time and returns all results.
   *
   * <p>The first failure cancels the other tasks; {@code fanOut} throws it unwrapped, with later
   * failures suppressed. Items that block get a thread each; short items share threads.
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param <X> the checked exception the function may throw
   * @param items the items
   * @param fn the function to apply to each item
   * @return the results in the order of the items, an unmodifiable list
   * @throws X if the function throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public static <T, R extends @Nullable Object, X extends Exception> List<R> fanOut(
      Iterable<? extends T> items, TaskFunction<? super T, ? extends R, X> fn)
      throws X, InterruptedException {
    return ScopeSpec.DEFAULT.fanOut(items, fn);
  }

  /**
   * {@return the results of tasks that run at the same time, in the order of the tasks}
   *
   * @param <R> the type of the results
   * @param <X> the checked exception the tasks may throw
   * @param tasks the tasks
   * @throws X if a task throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public static <R extends @Nullable Object, X extends Exception> List<R> fanOut(
      List<? extends Task<? extends R, ? extends X>> tasks) throws X, InterruptedException {
    return ScopeSpec.DEFAULT.fanOut(tasks);
  }

  /**
   * {@return the combined results of two different tasks that run at the same time}
   *
   * @param <A> the type of the first result
   * @param <B> the type of the second result
   * @param <R> the type of the combined result
   * @param <X> the checked exception the tasks and {@code join} may throw
   * @param a the first task
   * @param b the second task
   * @param join combines the results, on the calling thread
   * @throws X if a task or {@code join} throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public static <
          A extends @Nullable Object,
          B extends @Nullable Object,
          R extends @Nullable Object,
          X extends Exception>
      R fanOut(
          Task<? extends A, ? extends X> a,
          Task<? extends B, ? extends X> b,
          Combine2<? super A, ? super B, ? extends R, ? extends X> join)
          throws X, InterruptedException {
    return ScopeSpec.DEFAULT.<A, B, R, X>fanOut(a, b, join);
  }

  /**
   * {@return the combined results of three tasks; see {@link #fanOut(Task, Task, Combine2)}}
   *
   * @param <A> the type of the first result
   * @param <B> the type of the second result
   * @param <C> the type of the third result
   * @param <R> the type of the combined result
   * @param <X> the checked exception the tasks and {@code join} may throw
   * @param a the first task
   * @param b the second task
   * @param c the third task
   * @param join combines the results, on the calling thread
   * @throws X if a task or {@code join} throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public static <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          R extends @Nullable Object,
          X extends Exception>
      R fanOut(
          Task<? extends A, ? extends X> a,
          Task<? extends B, ? extends X> b,
          Task<? extends C, ? extends X> c,
          Combine3<? super A, ? super B, ? super C, ? extends R, ? extends X> join)
          throws X, InterruptedException {
    return ScopeSpec.DEFAULT.<A, B, C, R, X>fanOut(a, b, c, join);
  }

  /**
   * {@return the combined results of four tasks; see {@link #fanOut(Task, Task, Combine2)}}
   *
   * @param <A> the type of the first result
   * @param <B> the type of the second result
   * @param <C> the type of the third result
   * @param <D> the type of the fourth result
   * @param <R> the type of the combined result
   * @param <X> the checked exception the tasks and {@code join} may throw
   * @param a the first task
   * @param b the second task
   * @param c the third task
   * @param d the fourth task
   * @param join combines the results, on the calling thread
   * @throws X if a task or {@code join} throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public static <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          D extends @Nullable Object,
          R extends @Nullable Object,
          X extends Exception>
      R fanOut(
          Task<? extends A, ? extends X> a,
          Task<? extends B, ? extends X> b,
          Task<? extends C, ? extends X> c,
          Task<? extends D, ? extends X> d,
          Combine4<? super A, ? super B, ? super C, ? super D, ? extends R, ? extends X> join)
          throws X, InterruptedException {
    return ScopeSpec.DEFAULT.<A, B, C, D, R, X>fanOut(a, b, c, d, join);
  }

  /**
   * {@return the combined results of five tasks; see {@link #fanOut(Task, Task, Combine2)}}
   *
   * @param <A> the type of the first result
   * @param <B> the type of the second result
   * @param <C> the type of the third result
   * @param <D> the type of the fourth result
   * @param <E> the type of the fifth result
   * @param <R> the type of the combined result
   * @param <X> the checked exception the tasks and {@code join} may throw
   * @param a the first task
   * @param b the second task
   * @param c the third task
   * @param d the fourth task
   * @param e the fifth task
   * @param join combines the results, on the calling thread
   * @throws X if a task or {@code join} throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public static <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          D extends @Nullable Object,
          E extends @Nullable Object,
          R extends @Nullable Object,
          X extends Exception>
      R fanOut(
          Task<? extends A, ? extends X> a,
          Task<? extends B, ? extends X> b,
          Task<? extends C, ? extends X> c,
          Task<? extends D, ? extends X> d,
          Task<? extends E, ? extends X> e,
          Combine5<? super A, ? super B, ? super C, ? super D, ? super E, ? extends R, ? extends X>
              join)
          throws X, InterruptedException {
    return ScopeSpec.DEFAULT.<A, B, C, D, E, R, X>fanOut(a, b, c, d, e, join);
  }

  /**
   * Applies a function to every item at the same time and returns the outcome of each. A failure
   * does not affect the other items.
   *
   * <p>When the deadline passes, it does not throw, but returns {@link Outcome.Unfinished} for the
   * items whose tasks were cancelled or, if {@code items} is a collection, had not started. The
   * deadline of a scope around the call cancels it, like any task.
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param items the items
   * @param fn the function to apply to each item
   * @return the outcomes in the order of the items, an unmodifiable list
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public static <T, R extends @Nullable Object> List<Outcome<T, R>> settle(
      Iterable<? extends T> items, TaskFunction<? super T, ? extends R, ?> fn)
      throws InterruptedException {
    return ScopeSpec.DEFAULT.settle(items, fn);
  }

  /**
   * Applies a function to every item at the same time, returns the first result and cancels the
   * other tasks. If every task fails, it throws the first failure unwrapped, with the others
   * suppressed. An {@link Error} thrown by a task that lost goes to the uncaught-exception handler
   * of its thread.
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param <X> the checked exception the function may throw
   * @param items the contenders, at least one
   * @param fn the function to apply to each item
   * @return the first result, may be {@code null}
   * @throws X if every contender fails
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public static <T, R extends @Nullable Object, X extends Exception> R race(
      Iterable<? extends T> items, TaskFunction<? super T, ? extends R, X> fn)
      throws X, InterruptedException {
    return ScopeSpec.DEFAULT.race(items, fn);
  }

  /**
   * Applies a function to every item at the same time, returns the first {@code successes} results
   * and cancels the other tasks. When too few tasks are left, it throws the first failure
   * unwrapped, with the others suppressed.
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param <X> the checked exception the function may throw
   * @param successes the number of results needed, at least 1
   * @param items the contenders, at least {@code successes}
   * @param fn the function to apply to each item
   * @return the results in the order in which they arrive, an unmodifiable list
   * @throws X if too many contenders fail
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public static <T, R extends @Nullable Object, X extends Exception> List<R> quorum(
      int successes, Iterable<? extends T> items, TaskFunction<? super T, ? extends R, X> fn)
      throws X, InterruptedException {
    return ScopeSpec.DEFAULT.quorum(successes, items, fn);
  }

  /**
   * {@return a spec with a name, see {@link ScopeSpec#named}}
   *
   * @param name the name of the scope
   */
  public static ScopeSpec named(String name) {
    return ScopeSpec.DEFAULT.named(name);
  }

  /**
   * {@return a spec with a timeout, see {@link ScopeSpec#timeout}}
   *
   * @param timeout more than zero
   */
  public static ScopeSpec timeout(Duration timeout) {
    return ScopeSpec.DEFAULT.timeout(timeout);
  }

  /**
   * {@return a spec with a limit, see {@link ScopeSpec#limit}}
   *
   * @param maxConcurrentForks how many forks may run at once
   */
  public static ScopeSpec limit(int maxConcurrentForks) {
    return ScopeSpec.DEFAULT.limit(maxConcurrentForks);
  }

  /**
   * {@return the earliest deadline of the scopes the current thread runs in, or {@link
   * Deadline#NONE}}
   *
   * <p>Pass it on to code that has a timeout of its own.
   */
  public static Deadline deadline() {
    CancelScope current = ThreadScope.currentScope();
    return current == null || current.isClosing() ? Deadline.NONE : current.deadline();
  }

  /**
   * Throws if the current task or scope is cancelled; for loops that do not block. Outside of every
   * scope it checks the thread's interrupt flag. On a virtual thread it also gives the carrier up
   * if the loop has kept other virtual threads waiting for some milliseconds; it waits for nothing
   * else.
   *
   * @throws InterruptedException if the current task is cancelled, with a {@link
   *     ScopeCancelledException} as its cause, or the thread was interrupted from outside
   */
  public static void checkpoint() throws InterruptedException {
    ThreadScope.checkpointCurrent();
    Wakeups.checkpoint();
  }

  /**
   * Runs a clean-up action that must complete even if the task around it is cancelled.
   *
   * <p>The action runs on the calling thread, and the cancellation of the scopes around it does not
   * interrupt it. When {@code atMost} has passed it is interrupted, repeatedly until it returns.
   * Inside, {@link #deadline()} returns the deadline of the shield, and the action may open scopes.
   * An interrupt that was pending before the call is pending again after it.
   *
   * @param <R> the type of the result
   * @param <X> the checked exception the action may throw
   * @param atMost how long the action may take, more than zero, at most 2<sup>31</sup>-1 seconds
   * @param cleanup the action to run
   * @return the result of the action
   * @throws X if the action throws it
   * @throws ScopeTimeoutException if {@code atMost} has passed before the action returned
   * @throws InterruptedException if the thread is interrupted from outside
   */
  public static <R extends @Nullable Object, X extends Exception> R shield(
      Duration atMost, Task<R, X> cleanup) throws X, InterruptedException {
    Checks.positive(atMost, "atMost");
    return Shield.call(Deadline.after(atMost), Checks.given(cleanup, "cleanup"));
  }
}
