package dev.holdfast;

import dev.holdfast.channel.Handler;
import dev.holdfast.internal.cancel.CancelScope;
import dev.holdfast.internal.cancel.Shield;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.combine.FanOut;
import dev.holdfast.internal.util.Checks;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Opens scopes. The {@linkplain dev.holdfast package description} states what all scopes share.
 *
 * @since 0.1
 */
@SuppressWarnings("varargs") // the arrays are only read
public final class Scopes {

  private Scopes() {}

  /**
   * {@return the value of a body that runs in a new scope, on the calling thread}
   *
   * @param <R> the type of the value
   * @param <X> the checked exception the body may throw
   * @param body the code to run
   * @throws X if the body throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public static <R extends @Nullable Object, X extends Exception> R call(ScopeBody<R, X> body)
      throws X, InterruptedException {
    return ScopeSpec.DEFAULT.call(body);
  }

  /**
   * Runs a body without a value in a new scope.
   *
   * @param <X> the checked exception the body may throw
   * @param body the code to run
   * @throws X if the body throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public static <X extends Exception> void run(ScopeAction<X> body) throws X, InterruptedException {
    ScopeSpec.DEFAULT.run(body);
  }

  /** {@return a new scope that stays open until it is closed; see {@link RootScope}} */
  public static RootScope open() {
    return ScopeSpec.DEFAULT.open();
  }

  /**
   * {@return a new scope that stays open, with the settings of a spec}
   *
   * @param spec the settings
   */
  public static RootScope open(ScopeSpec spec) {
    return Checks.given(spec, "spec").open();
  }

  /**
   * Applies a function to every item at the same time and returns all results. The first failure
   * cancels the other tasks and is thrown unwrapped, with later failures suppressed. Items that
   * block get a thread each; short items share threads.
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
   * {@return the results of a function for the elements of a stream, which this method closes}
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param <X> the checked exception the function may throw
   * @param items the items
   * @param fn the function to apply to each item
   * @throws X if the function throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public static <T, R extends @Nullable Object, X extends Exception> List<R> fanOut(
      Stream<? extends T> items, TaskFunction<? super T, ? extends R, X> fn)
      throws X, InterruptedException {
    try (items) {
      return ScopeSpec.DEFAULT.<T, R, X>fanOut(FanOut.once(items), fn);
    }
  }

  /**
   * Runs actions concurrently. The first failure cancels the rest.
   *
   * @param <X> the checked exception the actions may throw
   * @param actions the actions
   * @throws X if an action throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  @SafeVarargs
  public static <X extends Exception> void fanOut(TaskAction<? extends X>... actions)
      throws X, InterruptedException {
    ScopeSpec.DEFAULT.<X>fanOut(actions);
  }

  /**
   * Applies an action to every item at the same time. The first failure cancels the rest.
   *
   * @param <T> the type of the items
   * @param <X> the checked exception the action may throw
   * @param items the items
   * @param action the action to apply to each item
   * @throws X if the action throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public static <T, X extends Exception> void forEach(
      Iterable<? extends T> items, Handler<? super T, X> action) throws X, InterruptedException {
    ScopeSpec.DEFAULT.forEach(items, action);
  }

  /**
   * Applies a function to every item at the same time, and passes each result to a handler on the
   * calling thread, as it arrives. The first failure, even of the handler, cancels the rest and is
   * thrown. The limit counts the items that were started and not yet handled.
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param <X> the checked exception the function and the handler may throw
   * @param items the items
   * @param fn the function to apply to each item
   * @param handler called with each result
   * @throws X if the function or the handler throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public static <T, R extends @Nullable Object, X extends Exception> void each(
      Iterable<? extends T> items,
      TaskFunction<? super T, ? extends R, ? extends X> fn,
      Handler<? super R, ? extends X> handler)
      throws X, InterruptedException {
    ScopeSpec.DEFAULT.<T, R, X>each(items, fn, handler);
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
   * {@return the combined results of three tasks}
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
   * {@return the combined results of four tasks}
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
   * {@return the combined results of five tasks}
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
   * Applies a function to every item at the same time and returns the outcome of each. When the
   * deadline of the spec passes, this method does not throw, but returns {@link Outcome.Unfinished}
   * for the items whose tasks were cancelled or, if {@code items} is a collection, had not started.
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
   * {@return the outcomes of a function, each passed to a handler first} The calling thread runs
   * the handler once for each outcome, in the order in which they arrive; unfinished ones come
   * last.
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param <X> the checked exception the handler may throw
   * @param items the items
   * @param fn the function to apply to each item
   * @param onOutcome called with each outcome
   * @throws X if the handler throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public static <T, R extends @Nullable Object, X extends Exception> List<Outcome<T, R>> settle(
      Iterable<? extends T> items,
      TaskFunction<? super T, ? extends R, ?> fn,
      Handler<? super Outcome<T, R>, X> onOutcome)
      throws X, InterruptedException {
    return ScopeSpec.DEFAULT.settle(items, fn, onOutcome);
  }

  /**
   * {@return the first result of several tasks; the other tasks are cancelled}
   *
   * @param <R> the type of the result
   * @param <X> the checked exception the tasks may throw
   * @param tasks the contenders, at least one
   * @throws X if every task fails
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  @SafeVarargs
  public static <R extends @Nullable Object, X extends Exception> R race(
      Task<? extends R, ? extends X>... tasks) throws X, InterruptedException {
    return ScopeSpec.DEFAULT.<R, X>race(tasks);
  }

  /**
   * Applies a function to every item at the same time and returns the first result.
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
   * and cancels the other tasks. When too few tasks can still succeed, this method throws the first
   * failure unwrapped, with the others suppressed.
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param <X> the checked exception the function may throw
   * @param successes the number of results needed, at least 1
   * @param items the contenders, at least {@code successes}
   * @param fn the function to apply to each item
   * @return the results as they arrive, an unmodifiable list
   * @throws X if too many contenders fail
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public static <T, R extends @Nullable Object, X extends Exception> List<R> quorum(
      int successes, Iterable<? extends T> items, TaskFunction<? super T, ? extends R, X> fn)
      throws X, InterruptedException {
    return ScopeSpec.DEFAULT.quorum(successes, items, fn);
  }

  /**
   * {@return a spec with a name; see {@link ScopeSpec#named}}
   *
   * @param name the name of the scope
   */
  public static ScopeSpec named(String name) {
    return ScopeSpec.DEFAULT.named(name);
  }

  /**
   * {@return a spec with a timeout; see {@link ScopeSpec#timeout}}
   *
   * @param timeout the timeout, more than zero
   */
  public static ScopeSpec timeout(Duration timeout) {
    return ScopeSpec.DEFAULT.timeout(timeout);
  }

  /**
   * {@return a spec with a limit; see {@link ScopeSpec#limit}}
   *
   * @param maxConcurrentForks how many forks may run at once
   */
  public static ScopeSpec limit(int maxConcurrentForks) {
    return ScopeSpec.DEFAULT.limit(maxConcurrentForks);
  }

  /** {@return a spec with isolated forks; see {@link ScopeSpec#isolated}} */
  public static ScopeSpec isolated() {
    return ScopeSpec.DEFAULT.isolated();
  }

  /**
   * {@return a spec with a hedge; see {@link ScopeSpec#hedge}}
   *
   * @param delay the delay, more than zero
   */
  public static ScopeSpec hedge(Duration delay) {
    return ScopeSpec.DEFAULT.hedge(delay);
  }

  /**
   * {@return a spec with a grace period for workers; see {@link ScopeSpec#grace}}
   *
   * @param grace zero or more
   */
  public static ScopeSpec grace(Duration grace) {
    return ScopeSpec.DEFAULT.grace(grace);
  }

  /** {@return the earliest deadline of the enclosing scopes, or {@link Deadline#NONE}} */
  public static Deadline deadline() {
    CancelScope current = ThreadScope.currentScope();
    return current == null || current.isClosing() ? Deadline.NONE : current.deadline();
  }

  /**
   * Throws if the current task or scope is cancelled. Call it in loops that do not block. A virtual
   * thread that has kept others waiting for a few milliseconds also yields its carrier.
   *
   * @throws InterruptedException if the current task is cancelled or the thread interrupted
   */
  public static void checkpoint() throws InterruptedException {
    ThreadScope.checkpointLoop();
  }

  /**
   * Sleeps; in a simulation, virtual time passes instead.
   *
   * @param time how long, zero or more
   * @throws InterruptedException if the current task is cancelled or the thread interrupted
   */
  public static void sleep(Duration time) throws InterruptedException {
    ThreadScope.sleep(Checks.notNegative(time, "time").toNanos());
  }

  /**
   * Runs a cleanup action that no cancellation of the enclosing scopes interrupts. When {@code
   * atMost} has passed, Holdfast interrupts it until it returns.
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

  /**
   * Runs a cleanup action without a result in a shield.
   *
   * @param <X> the checked exception the action may throw
   * @param atMost how long the action may take
   * @param cleanup the action to run
   * @throws X if the action throws it
   * @throws InterruptedException if the thread is interrupted from outside
   */
  public static <X extends Exception> void shield(Duration atMost, TaskAction<X> cleanup)
      throws X, InterruptedException {
    Checks.positive(atMost, "atMost");
    Shield.run(Deadline.after(atMost), Checks.given(cleanup, "cleanup"));
  }
}
