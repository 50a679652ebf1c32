package dev.holdfast;

import dev.holdfast.channel.Handler;
import dev.holdfast.internal.combine.AsCompleted;
import dev.holdfast.internal.combine.FanOut;
import dev.holdfast.internal.combine.Quorum;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.scope.Settings;
import dev.holdfast.internal.scope.Settings.Policy;
import dev.holdfast.internal.util.Checks;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a scope, with the methods of {@link Scopes} that open a scope with these
 * settings. A method throws {@link IllegalStateException} if a setting does not apply to it.
 *
 * <p>A spec is immutable: every method that changes a setting returns a new spec.
 *
 * @since 0.1
 */
@SuppressWarnings("varargs") // the arrays are only read
public final class ScopeSpec {

  static final ScopeSpec DEFAULT = new ScopeSpec(Settings.DEFAULT);

  /** The number of items a combinator works on at once when no {@link #limit} is set: 1024. */
  public static final int DEFAULT_LIMIT = Settings.DEFAULT_LIMIT;

  final Settings settings;

  private ScopeSpec(Settings settings) {
    this.settings = settings;
  }

  /**
   * {@return a spec with a name, which tasks, dumps, exceptions and reports show}
   *
   * @param name the name
   */
  public ScopeSpec named(String name) {
    return new ScopeSpec(settings.withName(Checks.name(name)));
  }

  /**
   * {@return a spec with a timeout, which starts when a scope is opened} When it has elapsed,
   * Holdfast cancels the scope. The earliest deadline of nested scopes applies.
   *
   * @param timeout the timeout, more than zero, at most 2<sup>31</sup>-1 seconds
   */
  public ScopeSpec timeout(Duration timeout) {
    return new ScopeSpec(settings.withTimeout(Checks.positive(timeout, "timeout")));
  }

  /**
   * {@return a spec with a deadline} If it has a timeout too, the earlier of the two applies.
   *
   * @param deadline the deadline, or {@link Deadline#NONE} to remove one
   */
  public ScopeSpec deadline(Deadline deadline) {
    return new ScopeSpec(settings.withDeadline(Checks.given(deadline, "deadline")));
  }

  /**
   * {@return a spec that limits how many forks run at once} {@link Scope#fork} waits while the
   * limit is reached, and a combinator takes an item from a lazy source only when it can start it.
   *
   * @param maxConcurrentForks the limit, at least 1
   */
  public ScopeSpec limit(int maxConcurrentForks) {
    Checks.atLeastOne(maxConcurrentForks, "maxConcurrentForks");
    return new ScopeSpec(settings.withLimit(maxConcurrentForks));
  }

  /**
   * {@return a spec with which the failure of a fork affects only the callers of its {@link
   * Fork#join}} If no thread has joined it when the scope ends, the failure is logged and goes to
   * the thread's uncaught-exception handler.
   */
  public ScopeSpec isolated() {
    return new ScopeSpec(settings.withIsolated());
  }

  /**
   * {@return a spec for a race or {@link #quorum} that starts another contender only when this
   * delay has passed without a decision, or a contender has failed} Hedge only idempotent calls.
   *
   * @param delay the delay, more than zero, at most 2<sup>31</sup>-1 seconds
   */
  public ScopeSpec hedge(Duration delay) {
    return new ScopeSpec(settings.withHedge(Checks.positive(delay, "delay")));
  }

  /**
   * {@return a spec with a timeout for each item of a combinator} An item that takes longer is
   * cancelled, and fails with a {@link ScopeTimeoutException}.
   *
   * @param timeout the timeout, more than zero, at most 2<sup>31</sup>-1 seconds; it starts with
   *     the item
   */
  public ScopeSpec itemTimeout(Duration timeout) {
    return new ScopeSpec(settings.withItemTimeout(Checks.positive(timeout, "timeout")));
  }

  /**
   * {@return a spec with the time that a {@link Worker} may take to stop before it is cancelled} A
   * cancelled task that still runs a second after this time is logged. The default is zero.
   *
   * @param grace zero or more, at most 2<sup>31</sup>-1 seconds
   */
  public ScopeSpec grace(Duration grace) {
    return new ScopeSpec(settings.withGrace(Checks.notNegative(grace, "grace")));
  }

  /**
   * {@return a spec with a factory of unstarted threads; the default is virtual threads}
   *
   * @param factory creates the threads
   */
  public ScopeSpec threads(ThreadFactory factory) {
    return new ScopeSpec(settings.withFactory(Checks.given(factory, "factory")));
  }

  /**
   * {@return a spec with an action for values that no caller gets, for example to close them} See
   * the {@linkplain dev.holdfast package description}.
   *
   * @param action takes a value
   */
  public ScopeSpec onDiscarded(Consumer<Object> action) {
    return new ScopeSpec(settings.withOnDiscarded(Checks.given(action, "action")));
  }

  /**
   * {@return the value of a body that runs in a new scope; see {@link Scopes#call}}
   *
   * @param <R> the type of the value
   * @param <X> the checked exception the body may throw
   * @param body the code to run, on the calling thread
   * @throws X if the body throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public <R extends @Nullable Object, X extends Exception> R call(ScopeBody<R, X> body)
      throws X, InterruptedException {
    settings.refuseForBody("call");
    TaskFunction<ScopeImpl, R, X> code =
        impl -> {
          R value = body.run(new Scope(impl));
          impl.discarded().setValue(value);
          return value;
        };
    return ScopeImpl.call(settings, Policy.BLOCK, Checks.given(body, "body"), code);
  }

  /**
   * Runs a body without a value in a new scope.
   *
   * @param <X> the checked exception the body may throw
   * @param body the code to run, on the calling thread
   * @throws X if the body throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public <X extends Exception> void run(ScopeAction<X> body) throws X, InterruptedException {
    settings.refuseForBody("run");
    TaskFunction<ScopeImpl, @Nullable Void, X> code =
        impl -> {
          body.run(new Scope(impl));
          return null;
        };
    ScopeImpl.call(settings, Policy.BLOCK, Checks.given(body, "body"), code);
  }

  /** {@return a new scope that stays open until it is closed; see {@link Scopes#open()}} */
  public RootScope open() {
    settings.refuseForBody("open");
    return RootScope.open(this);
  }

  /**
   * {@return the results of a function for all items; see {@link Scopes}}
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param <X> the checked exception the function may throw
   * @param items the items
   * @param fn the function to apply to each item
   * @throws X if the function throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public <T, R extends @Nullable Object, X extends Exception> List<R> fanOut(
      Iterable<? extends T> items, TaskFunction<? super T, ? extends R, X> fn)
      throws X, InterruptedException {
    settings.refuseFor("fanOut");
    return FanOut.all(settings, Checks.given(items, "items"), "items", Checks.given(fn, "fn"));
  }

  /**
   * Runs actions; see {@link Scopes#fanOut(TaskAction...)}.
   *
   * @param <X> the checked exception the actions may throw
   * @param actions the actions
   * @throws X if an action throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  @SafeVarargs
  public final <X extends Exception> void fanOut(TaskAction<? extends X>... actions)
      throws X, InterruptedException {
    settings.refuseFor("fanOut");
    FanOut.<X>run(settings, Arrays.asList(Checks.given(actions, "actions")));
  }

  /**
   * Applies an action to every item; see {@link Scopes#forEach}.
   *
   * @param <T> the type of the items
   * @param <X> the checked exception the action may throw
   * @param items the items
   * @param action the action to apply to each item
   * @throws X if the action throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public <T, X extends Exception> void forEach(
      Iterable<? extends T> items, Handler<? super T, X> action) throws X, InterruptedException {
    settings.refuseFor("forEach");
    FanOut.forEach(settings, Checks.given(items, "items"), Checks.given(action, "action"));
  }

  /**
   * Passes the results of a function to a handler as they arrive; see {@link Scopes}.
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param <X> the checked exception the function and the handler may throw
   * @param items the items
   * @param fn the function to apply to each item
   * @param handler called with each result, on the calling thread
   * @throws X if the function or the handler throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public <T, R extends @Nullable Object, X extends Exception> void each(
      Iterable<? extends T> items,
      TaskFunction<? super T, ? extends R, ? extends X> fn,
      Handler<? super R, ? extends X> handler)
      throws X, InterruptedException {
    settings.refuseFor("each");
    Checks.given(handler, "handler");
    AsCompleted.each(settings, Checks.given(items, "items"), Checks.given(fn, "fn"), handler);
  }

  /**
   * {@return the results of tasks}
   *
   * @param <R> the type of the results
   * @param <X> the checked exception the tasks may throw
   * @param tasks the tasks
   * @throws X if a task throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public <R extends @Nullable Object, X extends Exception> List<R> fanOut(
      List<? extends Task<? extends R, ? extends X>> tasks) throws X, InterruptedException {
    settings.refuseFor("fanOut");
    return FanOut.all(settings, Checks.given(tasks, "tasks"), "tasks", FanOut.<R, X>calling());
  }

  /**
   * {@return the combined results of two tasks}
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
  public <
          A extends @Nullable Object,
          B extends @Nullable Object,
          R extends @Nullable Object,
          X extends Exception>
      R fanOut(
          Task<? extends A, ? extends X> a,
          Task<? extends B, ? extends X> b,
          Combine2<? super A, ? super B, ? extends R, ? extends X> join)
          throws X, InterruptedException {
    var r = FanOut.<X>tasks(settings, join, Arrays.asList(a, b));
    return join.combine(r.<A>at(0), r.<B>at(1));
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
  public <
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
    var r = FanOut.<X>tasks(settings, join, Arrays.asList(a, b, c));
    return join.combine(r.<A>at(0), r.<B>at(1), r.<C>at(2));
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
  public <
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
    var r = FanOut.<X>tasks(settings, join, Arrays.asList(a, b, c, d));
    return join.combine(r.<A>at(0), r.<B>at(1), r.<C>at(2), r.<D>at(3));
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
  public <
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
    var r = FanOut.<X>tasks(settings, join, Arrays.asList(a, b, c, d, e));
    return join.combine(r.<A>at(0), r.<B>at(1), r.<C>at(2), r.<D>at(3), r.<E>at(4));
  }

  /**
   * {@return the outcomes of a function for all items; see {@link Scopes}}
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param items the items
   * @param fn the function to apply to each item
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public <T, R extends @Nullable Object> List<Outcome<T, R>> settle(
      Iterable<? extends T> items, TaskFunction<? super T, ? extends R, ?> fn)
      throws InterruptedException {
    settings.refuseFor("settle");
    return FanOut.settle(settings, Checks.given(items, "items"), "items", Checks.given(fn, "fn"));
  }

  /**
   * {@return the outcomes of a function, each passed to a handler first; see {@link Scopes}}
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param <X> the checked exception the handler may throw
   * @param items the items
   * @param fn the function to apply to each item
   * @param onOutcome called with each outcome, on the calling thread
   * @throws X if the handler throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public <T, R extends @Nullable Object, X extends Exception> List<Outcome<T, R>> settle(
      Iterable<? extends T> items,
      TaskFunction<? super T, ? extends R, ?> fn,
      Handler<? super Outcome<T, R>, X> onOutcome)
      throws X, InterruptedException {
    settings.refuseFor("settle");
    Checks.given(onOutcome, "onOutcome");
    Checks.given(fn, "fn");
    return AsCompleted.settle(settings, Checks.given(items, "items"), fn, onOutcome);
  }

  /**
   * {@return the first result of several tasks; see {@link Scopes#race(Task...)}}
   *
   * @param <R> the type of the result
   * @param <X> the checked exception the tasks may throw
   * @param tasks the contenders, at least one
   * @throws X if every task fails
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  @SafeVarargs
  public final <R extends @Nullable Object, X extends Exception> R race(
      Task<? extends R, ? extends X>... tasks) throws X, InterruptedException {
    return race(Arrays.asList(Checks.given(tasks, "tasks")), FanOut.<R, X>calling());
  }

  /**
   * {@return the first result of a function; see {@link Scopes}}
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param <X> the checked exception the function may throw
   * @param items the contenders, at least one
   * @param fn the function to apply to each item
   * @throws X if every contender fails
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public <T, R extends @Nullable Object, X extends Exception> R race(
      Iterable<? extends T> items, TaskFunction<? super T, ? extends R, X> fn)
      throws X, InterruptedException {
    settings.refuseIsolated("race");
    Checks.given(fn, "fn");
    return Quorum.<T, R>of(settings, 1, Checks.noNulls(items, "items"), fn).get(0);
  }

  /**
   * {@return the first {@code successes} results of a function; see {@link Scopes#quorum}}
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param <X> the checked exception the function may throw
   * @param successes the number of results needed, at least 1
   * @param items the contenders, at least {@code successes}
   * @param fn the function to apply to each item
   * @throws X if too many contenders fail
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public <T, R extends @Nullable Object, X extends Exception> List<R> quorum(
      int successes, Iterable<? extends T> items, TaskFunction<? super T, ? extends R, X> fn)
      throws X, InterruptedException {
    settings.refuseIsolated("quorum");
    Checks.atLeastOne(successes, "successes");
    return Quorum.of(settings, successes, Checks.noNulls(items, "items"), Checks.given(fn, "fn"));
  }

  /** {@return the settings that differ from the default} */
  @Override
  public String toString() {
    return "ScopeSpec[" + settings.describe() + "]";
  }
}
