package dev.holdfast;

import dev.holdfast.internal.combine.FanOut;
import dev.holdfast.internal.combine.Quorum;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.scope.Settings;
import dev.holdfast.internal.scope.Settings.Policy;
import dev.holdfast.internal.util.Checks;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a scope, and the methods of {@link Scopes} that open a scope with them.
 *
 * <p>A spec is immutable: every method that changes a setting returns a new spec. Keep one in a
 * {@code static final} field and use it any number of times, from any thread. A {@link #timeout}
 * starts when a scope is opened, not when the spec is created.
 *
 * {@snippet class="dev.holdfast.doc.Patterns" region="spec"}
 *
 * <p>The methods that open a scope do what the methods of the same name in {@link Scopes} do. In
 * addition they throw {@link ScopeTimeoutException} if the deadline of this spec passes, and {@link
 * IllegalStateException} if a setting has no meaning for them.
 *
 * @since 0.1
 */
public final class ScopeSpec {

  /** The number of items a combinator works on at once when no {@link #limit} is set: 1024. */
  public static final int DEFAULT_LIMIT = Settings.DEFAULT_LIMIT;

  static final ScopeSpec DEFAULT = new ScopeSpec(Settings.DEFAULT);

  private final Settings settings;

  private ScopeSpec(Settings settings) {
    this.settings = settings;
  }

  /**
   * {@return a spec with a name, as shown in thread dumps, exceptions and reports} Threads and
   * tasks without a name of their own are named after the scope.
   *
   * @param name the name
   */
  public ScopeSpec named(String name) {
    return new ScopeSpec(settings.withName(Checks.name(name)));
  }

  /**
   * {@return a spec with a timeout, which starts when the scope is opened} When it passes, the
   * scope is cancelled and its call throws {@link ScopeTimeoutException}. Of the deadlines of
   * nested scopes, the earliest applies.
   *
   * @param timeout more than zero, at most 2<sup>31</sup>-1 seconds
   */
  public ScopeSpec timeout(Duration timeout) {
    return new ScopeSpec(settings.withTimeout(Checks.positive(timeout, "timeout")));
  }

  /**
   * {@return a spec with a deadline} If it has a {@link #timeout} too, the earlier of the two
   * applies.
   *
   * @param deadline the deadline, or {@link Deadline#NONE} to remove one
   */
  public ScopeSpec deadline(Deadline deadline) {
    return new ScopeSpec(settings.withDeadline(Checks.given(deadline, "deadline")));
  }

  /**
   * {@return a spec that limits how many forks run at once} {@link Scope#fork} waits while the
   * scope is full. A combinator takes an item from a lazy source only when it can start it.
   *
   * @param maxConcurrentForks at least 1
   */
  public ScopeSpec limit(int maxConcurrentForks) {
    return new ScopeSpec(
        settings.withLimit(Checks.atLeastOne(maxConcurrentForks, "maxConcurrentForks")));
  }

  /**
   * {@return a spec with which the failure of a fork affects only the callers of its {@link
   * Fork#join}, not the scope} If no thread has joined a failed fork when the scope ends, its
   * failure goes to the thread's uncaught-exception handler. Combinators refuse such a spec.
   */
  public ScopeSpec isolated() {
    return new ScopeSpec(settings.withIsolated());
  }

  /**
   * {@return a spec that delays the spare contenders of a race or {@link #quorum}} It starts with
   * as few items as can decide it, and starts another one whenever this delay has passed without a
   * decision, or at once when a contender has failed. All other methods refuse such a spec. Hedge
   * only idempotent calls.
   *
   * @param delay more than zero, at most 2<sup>31</sup>-1 seconds
   */
  public ScopeSpec hedge(Duration delay) {
    return new ScopeSpec(settings.withHedge(Checks.positive(delay, "delay")));
  }

  /**
   * {@return a spec with the time that a {@link Worker} may take to stop before it is cancelled} A
   * cancelled task that still runs after this time and one more second is logged with its stack.
   * The default is zero. The grace does not extend a deadline.
   *
   * @param grace zero or more, at most 2<sup>31</sup>-1 seconds
   */
  public ScopeSpec grace(Duration grace) {
    return new ScopeSpec(settings.withGrace(Checks.notNegative(grace, "grace")));
  }

  /**
   * {@return a spec with a factory of threads; the default is virtual threads} The factory must
   * return unstarted threads, and is called on the owner's thread. The scope ends when its platform
   * threads have terminated. A task's own name replaces the name of its thread.
   *
   * @param factory makes the threads
   */
  public ScopeSpec threads(ThreadFactory factory) {
    return new ScopeSpec(settings.withFactory(Checks.given(factory, "factory")));
  }

  /**
   * {@return a spec with an action for the values that tasks produced and no caller gets, for
   * example to close connections} See "Values that no caller gets" in the {@linkplain dev.holdfast
   * package description}.
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
    settings.refuseHedge("call");
    return block(Checks.given(body, "body"), body);
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
    settings.refuseHedge("run");
    Checks.given(body, "body");
    this.<@Nullable Void, X>block(
        body,
        scope -> {
          body.run(scope);
          return null;
        });
  }

  /** Runs a body. The class of {@code code} names a scope without a name. */
  private <R extends @Nullable Object, X extends Exception> R block(
      Object code, ScopeBody<R, X> body) throws X, InterruptedException {
    ScopeImpl impl = ScopeImpl.open(settings, Policy.BLOCK, code);
    return impl.call(() -> {
      R value = body.run(new Scope(impl));
      if (impl.discarded().hasConsumer()) {
        impl.discarded().setResult(() -> Collections.singletonList(value));
      }
      return value;
    });
  }

  /** {@return a new scope that stays open until it is closed; see {@link Scopes#open()}} */
  public RootScope open() {
    settings.refuseHedge("open");
    return RootScope.open(this);
  }

  /**
   * {@return the results of a function for all items; see {@link Scopes#fanOut(Iterable,
   * TaskFunction)}}
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
   * {@return the results of tasks; see {@link Scopes#fanOut(List)}}
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
   * {@return the combined results of two tasks; see {@link Scopes#fanOut(Task, Task, Combine2)}}
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
  @SuppressWarnings("unchecked")
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
    List<@Nullable Object> r = this.<X>all(join, Arrays.asList(a, b));
    return join.combine((A) r.get(0), (B) r.get(1));
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
  @SuppressWarnings("unchecked")
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
    List<@Nullable Object> r = this.<X>all(join, Arrays.asList(a, b, c));
    return join.combine((A) r.get(0), (B) r.get(1), (C) r.get(2));
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
  @SuppressWarnings("unchecked")
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
    List<@Nullable Object> r = this.<X>all(join, Arrays.asList(a, b, c, d));
    return join.combine((A) r.get(0), (B) r.get(1), (C) r.get(2), (D) r.get(3));
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
  @SuppressWarnings("unchecked")
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
    List<@Nullable Object> r = this.<X>all(join, Arrays.asList(a, b, c, d, e));
    return join.combine((A) r.get(0), (B) r.get(1), (C) r.get(2), (D) r.get(3), (E) r.get(4));
  }

  private <X extends Exception> List<@Nullable Object> all(
      Object join, List<Task<?, ? extends X>> tasks) throws X, InterruptedException {
    settings.refuseFor("fanOut");
    for (int i = 0; i < tasks.size(); i++) {
      Checks.given(tasks.get(i), "abcde".substring(i, i + 1));
    }
    Checks.given(join, "join");
    return FanOut.all(settings, tasks, "tasks", FanOut.<@Nullable Object, X>calling());
  }

  /**
   * {@return the outcomes of a function for all items; see {@link Scopes#settle}}
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
   * {@return the first result of a function; see {@link Scopes#race}}
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
    List<R> winner = Quorum.of(settings, 1, Checks.noNulls(items, "items"), Checks.given(fn, "fn"));
    return winner.get(0);
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

  Settings settings() {
    return settings;
  }

  /** {@return the settings that differ from the default} */
  @Override
  public String toString() {
    return "ScopeSpec[" + settings.describe() + "]";
  }
}
