package dev.holdfast;

import dev.holdfast.internal.combine.FanOut;
import dev.holdfast.internal.combine.Quorum;
import dev.holdfast.internal.scope.Policy;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.scope.Settings;
import dev.holdfast.internal.util.Checks;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * What a scope is to be like: its name, its deadline, how many tasks may run at once.
 *
 * <p>A spec is immutable and may be kept and used any number of times, by any thread; every method
 * that changes something returns a new one. A {@link #timeout} counts from the moment a scope is
 * opened, not from when the spec was made.
 *
 * {@snippet class="dev.holdfast.doc.Patterns" region="spec"}
 *
 * @since 0.1
 */
public final class ScopeSpec {

  /**
   * How many tasks a combinator runs at once when no {@link #limit} is given: 1024.
   *
   * @since 0.1
   */
  public static final int DEFAULT_LIMIT = Settings.DEFAULT_LIMIT;

  static final ScopeSpec DEFAULT = new ScopeSpec(Settings.DEFAULT);

  private final Settings settings;

  private ScopeSpec(Settings settings) {
    this.settings = settings;
  }

  /**
   * Names the scope, in thread dumps, exceptions and reports; its threads are called after it.
   *
   * @param name the name
   * @return the changed spec
   * @throws IllegalArgumentException if {@code name} is blank
   * @throws NullPointerException if {@code name} is {@code null}
   */
  public ScopeSpec named(String name) {
    return new ScopeSpec(settings.withName(Checks.name(name)));
  }

  /**
   * Gives the scope a time, from its start, after which it is cancelled and its call throws {@link
   * ScopeTimeoutException}. Of nested scopes' deadlines the earliest counts.
   *
   * @param timeout more than zero, at most 2<sup>31</sup>-1 seconds
   * @return the changed spec
   * @throws IllegalArgumentException if {@code timeout} is zero, negative or longer than that
   * @throws NullPointerException if {@code timeout} is {@code null}
   */
  public ScopeSpec timeout(Duration timeout) {
    return new ScopeSpec(settings.withTimeout(Checks.positive(timeout, "timeout")));
  }

  /**
   * Gives the scope a deadline, besides its {@link #timeout}; the earlier counts.
   *
   * @param deadline the deadline, {@link Deadline#NONE} to take one away
   * @return the changed spec
   * @throws NullPointerException if {@code deadline} is {@code null}
   */
  public ScopeSpec deadline(Deadline deadline) {
    return new ScopeSpec(settings.withDeadline(Checks.given(deadline, "deadline")));
  }

  /**
   * Bounds how many tasks run at once. {@link Scope#fork} waits for a free place; combinators pull
   * no item from their source before there is one.
   *
   * @param maxConcurrentForks at least 1
   * @return the changed spec
   * @throws IllegalArgumentException if it is less than 1
   */
  public ScopeSpec limit(int maxConcurrentForks) {
    return new ScopeSpec(
        settings.withLimit(Checks.atLeastOne(maxConcurrentForks, "maxConcurrentForks")));
  }

  /**
   * Keeps the failure of a fork from harming anybody but who joins it. A failure that nobody has
   * joined when the scope ends goes to the thread's uncaught-exception handler. For {@link #call},
   * {@link #run} and {@link #open}; combinators have {@link #settle}.
   *
   * @return the changed spec
   */
  public ScopeSpec isolated() {
    return new ScopeSpec(settings.withIsolated());
  }

  /**
   * Lets a {@link #race} or {@link #quorum} start with as few contenders as can decide it; another
   * starts when this time has passed without a decision, or at once when one has failed.
   *
   * @param delay more than zero
   * @return the changed spec
   * @throws IllegalArgumentException if {@code delay} is zero, negative or more than
   *     2<sup>31</sup>-1 seconds
   * @throws NullPointerException if {@code delay} is {@code null}
   */
  public ScopeSpec hedge(Duration delay) {
    return new ScopeSpec(settings.withHedge(Checks.positive(delay, "delay")));
  }

  /**
   * Sets how long a {@link Worker} that was asked to stop may take before it is cancelled, and how
   * long what is cancelled may take before it is reported as not stopping; a second is always added
   * to that. The default is zero. A deadline is not put off by it.
   *
   * @param grace zero or more
   * @return the changed spec
   * @throws IllegalArgumentException if {@code grace} is negative or more than 2<sup>31</sup>-1
   *     seconds
   * @throws NullPointerException if {@code grace} is {@code null}
   */
  public ScopeSpec grace(Duration grace) {
    return new ScopeSpec(settings.withGrace(Checks.notNegative(grace, "grace")));
  }

  /**
   * Makes the scope take its threads from a factory instead of starting virtual threads. The
   * factory is called by the scope's owner, must return a thread that was not started, and may
   * return platform threads; the scope ends when those have terminated. Threads keep the name the
   * factory gave them unless their fork has a name of its own.
   *
   * @param factory makes the threads
   * @return the changed spec
   * @throws NullPointerException if {@code factory} is {@code null}
   */
  public ScopeSpec threads(ThreadFactory factory) {
    return new ScopeSpec(settings.withFactory(Checks.given(factory, "factory")));
  }

  /**
   * Runs a body in a new scope, on the calling thread, and returns its value when everything
   * started in the scope has ended. {@link Scope} tells the rules.
   *
   * @param <R> the type of the value
   * @param <X> the checked exception the body may throw
   * @param body what to run
   * @return the body's value
   * @throws X if the body throws it
   * @throws ForkFailedException if a fork fails
   * @throws ScopeTimeoutException if the deadline passes
   * @throws ScopeCancelledException if {@link Scope#cancel} cut off the body
   * @throws ScopeException if a resource cannot be closed
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   * @throws NullPointerException if {@code body} is {@code null}
   */
  @SuppressWarnings("NullAway") // R says whether it may be null
  public <R extends @Nullable Object, X extends Exception> R call(ScopeBody<R, X> body)
      throws X, InterruptedException {
    noHedge("call");
    Checks.given(body, "body");
    ScopeImpl frame = ScopeImpl.open(settings, Policy.BLOCK, body);
    R result = null;
    Throwable thrown = null;
    try {
      result = body.run(new Scope(frame));
    } catch (Throwable t) {
      thrown = t;
    }
    frame.end(thrown);
    return result;
  }

  /**
   * Runs a body without a value in a new scope, as {@link #call} does.
   *
   * @param <X> the checked exception the body may throw
   * @param body what to run
   * @throws X if the body throws it
   * @throws ForkFailedException if a fork fails
   * @throws ScopeTimeoutException if the deadline passes
   * @throws ScopeCancelledException if {@link Scope#cancel} cut off the body
   * @throws ScopeException if a resource cannot be closed
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   * @throws NullPointerException if {@code body} is {@code null}
   */
  public <X extends Exception> void run(ScopeAction<X> body) throws X, InterruptedException {
    noHedge("run");
    Checks.given(body, "body");
    ScopeImpl frame = ScopeImpl.open(settings, Policy.BLOCK, body);
    Throwable thrown = null;
    try {
      body.run(new Scope(frame));
    } catch (Throwable t) {
      thrown = t;
    }
    frame.end(thrown);
  }

  /**
   * Opens a scope that is not a block: it runs until it is closed, on a thread of its own. {@link
   * RootScope} tells the rules. It must be closed.
   *
   * <p>A scope or task around this call is nothing to it: it inherits no deadline and no
   * cancellation, and nobody waits for its end. Its own {@link #timeout} counts from here.
   *
   * {@snippet class="dev.holdfast.doc.RootPatterns" region="root-main"}
   *
   * @return the scope, open
   * @throws IllegalStateException if the spec has a {@link #hedge}
   */
  public RootScope open() {
    noHedge("open");
    return RootScope.open(this);
  }

  /**
   * Applies a function to every item at the same time and returns the results in the order of the
   * items. The first failure cancels the rest and comes out as it is, with later ones suppressed.
   *
   * <p>At most as many run at once as the {@link #limit} allows, or {@link #DEFAULT_LIMIT}. The
   * items of a collection are looked at once, at the start; a thread that is done with one takes
   * the next, so items that block get a thread each and others share. Any other source is asked on
   * the calling thread, for one item when there is a place for it; one that throws cancels what
   * runs.
   *
   * {@snippet class="dev.holdfast.doc.Patterns" region="fan-out"}
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param <X> the checked exception the function may throw
   * @param items the items
   * @param fn what to do with each
   * @return the results, an unmodifiable list that may hold {@code null}s
   * @throws X if the function throws it
   * @throws ScopeTimeoutException if the deadline passes
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   * @throws NullPointerException if an argument or an item is {@code null}
   * @throws IllegalStateException if the spec is {@link #isolated} or has a {@link #hedge}
   */
  public <T, R extends @Nullable Object, X extends Exception> List<R> fanOut(
      Iterable<? extends T> items, TaskFunction<? super T, ? extends R, X> fn)
      throws X, InterruptedException {
    noHedge("fanOut");
    notIsolated("fanOut");
    return FanOut.all(settings, Checks.given(items, "items"), "items", Checks.given(fn, "fn"));
  }

  /**
   * Runs tasks at the same time and returns their results in the order of the tasks, see {@link
   * #fanOut(Iterable, TaskFunction)}.
   *
   * @param <R> the type of the results
   * @param <X> the checked exception the tasks may throw
   * @param tasks the tasks
   * @return the results, an unmodifiable list that may hold {@code null}s
   * @throws X if a task throws it
   * @throws ScopeTimeoutException if the deadline passes
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   * @throws NullPointerException if {@code tasks} or a task is {@code null}
   * @throws IllegalStateException if the spec is {@link #isolated} or has a {@link #hedge}
   */
  public <R extends @Nullable Object, X extends Exception> List<R> fanOut(
      List<? extends Task<? extends R, ? extends X>> tasks) throws X, InterruptedException {
    noHedge("fanOut");
    notIsolated("fanOut");
    return FanOut.all(settings, Checks.given(tasks, "tasks"), "tasks", FanOut.<R, X>calling());
  }

  /**
   * Runs two different tasks at the same time and combines their results on the calling thread. The
   * first failure cancels the rest and comes out as it is, with later ones suppressed.
   *
   * @param <A> the type of the first result
   * @param <B> the type of the second result
   * @param <R> the type of the combined result
   * @param <X> the checked exception the tasks and the combination may throw
   * @param a the first task
   * @param b the second task
   * @param join combines the results
   * @return the combined result
   * @throws X if a task or the combination throws it
   * @throws ScopeTimeoutException if the deadline passes
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   * @throws NullPointerException if an argument is {@code null}
   * @throws IllegalStateException if the spec is {@link #isolated} or has a {@link #hedge}
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
    noHedge("fanOut");
    notIsolated("fanOut");
    Checks.given(a, "a");
    Checks.given(b, "b");
    Checks.given(join, "join");
    List<@Nullable Object> r =
        FanOut.all(settings, List.of(a, b), "tasks", FanOut.<@Nullable Object, X>calling());
    return join.combine((A) r.get(0), (B) r.get(1));
  }

  /**
   * Runs three different tasks at the same time and combines their results on the calling thread.
   * The first failure cancels the rest and comes out as it is, with later ones suppressed.
   *
   * @param <A> the type of the first result
   * @param <B> the type of the second result
   * @param <C> the type of the third result
   * @param <R> the type of the combined result
   * @param <X> the checked exception the tasks and the combination may throw
   * @param a the first task
   * @param b the second task
   * @param c the third task
   * @param join combines the results
   * @return the combined result
   * @throws X if a task or the combination throws it
   * @throws ScopeTimeoutException if the deadline passes
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   * @throws NullPointerException if an argument is {@code null}
   * @throws IllegalStateException if the spec is {@link #isolated} or has a {@link #hedge}
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
    noHedge("fanOut");
    notIsolated("fanOut");
    Checks.given(a, "a");
    Checks.given(b, "b");
    Checks.given(c, "c");
    Checks.given(join, "join");
    List<@Nullable Object> r =
        FanOut.all(settings, List.of(a, b, c), "tasks", FanOut.<@Nullable Object, X>calling());
    return join.combine((A) r.get(0), (B) r.get(1), (C) r.get(2));
  }

  /**
   * Runs four different tasks at the same time and combines their results on the calling thread.
   * The first failure cancels the rest and comes out as it is, with later ones suppressed.
   *
   * @param <A> the type of the first result
   * @param <B> the type of the second result
   * @param <C> the type of the third result
   * @param <D> the type of the fourth result
   * @param <R> the type of the combined result
   * @param <X> the checked exception the tasks and the combination may throw
   * @param a the first task
   * @param b the second task
   * @param c the third task
   * @param d the fourth task
   * @param join combines the results
   * @return the combined result
   * @throws X if a task or the combination throws it
   * @throws ScopeTimeoutException if the deadline passes
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   * @throws NullPointerException if an argument is {@code null}
   * @throws IllegalStateException if the spec is {@link #isolated} or has a {@link #hedge}
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
    noHedge("fanOut");
    notIsolated("fanOut");
    Checks.given(a, "a");
    Checks.given(b, "b");
    Checks.given(c, "c");
    Checks.given(d, "d");
    Checks.given(join, "join");
    List<@Nullable Object> r =
        FanOut.all(settings, List.of(a, b, c, d), "tasks", FanOut.<@Nullable Object, X>calling());
    return join.combine((A) r.get(0), (B) r.get(1), (C) r.get(2), (D) r.get(3));
  }

  /**
   * Runs five different tasks at the same time and combines their results on the calling thread.
   * The first failure cancels the rest and comes out as it is, with later ones suppressed.
   *
   * @param <A> the type of the first result
   * @param <B> the type of the second result
   * @param <C> the type of the third result
   * @param <D> the type of the fourth result
   * @param <E> the type of the fifth result
   * @param <R> the type of the combined result
   * @param <X> the checked exception the tasks and the combination may throw
   * @param a the first task
   * @param b the second task
   * @param c the third task
   * @param d the fourth task
   * @param e the fifth task
   * @param join combines the results
   * @return the combined result
   * @throws X if a task or the combination throws it
   * @throws ScopeTimeoutException if the deadline passes
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   * @throws NullPointerException if an argument is {@code null}
   * @throws IllegalStateException if the spec is {@link #isolated} or has a {@link #hedge}
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
    noHedge("fanOut");
    notIsolated("fanOut");
    Checks.given(a, "a");
    Checks.given(b, "b");
    Checks.given(c, "c");
    Checks.given(d, "d");
    Checks.given(e, "e");
    Checks.given(join, "join");
    List<@Nullable Object> r =
        FanOut.all(
            settings, List.of(a, b, c, d, e), "tasks", FanOut.<@Nullable Object, X>calling());
    return join.combine((A) r.get(0), (B) r.get(1), (C) r.get(2), (D) r.get(3), (E) r.get(4));
  }

  /**
   * Applies a function to every item at the same time and returns what became of each, in the order
   * of the items. A failure harms nobody else.
   *
   * <p>When the deadline passes this returns, instead of throwing, what was done by then, and
   * {@link Outcome.Unfinished} for the rest: the items whose tasks were cut off, and those that
   * were never started as far as {@code items} is a collection and so can tell them.
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param items the items
   * @param fn what to do with each
   * @return the outcomes, an unmodifiable list
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled, by
   *     a deadline further out too
   * @throws NullPointerException if an argument or an item is {@code null}
   * @throws IllegalStateException if the spec is {@link #isolated} or has a {@link #hedge}
   */
  public <T, R extends @Nullable Object> List<Outcome<T, R>> settle(
      Iterable<? extends T> items, TaskFunction<? super T, ? extends R, ?> fn)
      throws InterruptedException {
    noHedge("settle");
    notIsolated("settle");
    return FanOut.settle(settings, Checks.given(items, "items"), "items", Checks.given(fn, "fn"));
  }

  /**
   * Applies a function to every item at the same time and returns the first result; the rest is
   * cancelled. If all fail, the first failure comes out as it is, with the others suppressed.
   *
   * <p>An {@link Error} of a contender that lost goes to the thread's uncaught-exception handler.
   *
   * {@snippet class="dev.holdfast.doc.Patterns" region="hedge"}
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param <X> the checked exception the function may throw
   * @param items the contenders, at least one
   * @param fn what to do with each
   * @return the first result, may be {@code null}
   * @throws X if every contender fails
   * @throws ScopeTimeoutException if the deadline passes
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   * @throws IllegalArgumentException if there is no item
   * @throws NullPointerException if an argument or an item is {@code null}
   * @throws IllegalStateException if the spec is {@link #isolated}
   */
  public <T, R extends @Nullable Object, X extends Exception> R race(
      Iterable<? extends T> items, TaskFunction<? super T, ? extends R, X> fn)
      throws X, InterruptedException {
    notIsolated("race");
    List<R> winner = Quorum.of(settings, 1, Checks.noNulls(items, "items"), Checks.given(fn, "fn"));
    return winner.get(0);
  }

  /**
   * Applies a function to every item at the same time and returns the first so many results, in the
   * order they came in; the rest is cancelled. As soon as too many have failed, the first failure
   * comes out as it is, with the others suppressed.
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param <X> the checked exception the function may throw
   * @param successes how many results are needed, at least 1
   * @param items the contenders, at least that many
   * @param fn what to do with each
   * @return the results, an unmodifiable list that may hold {@code null}s
   * @throws X if too many contenders fail
   * @throws ScopeTimeoutException if the deadline passes
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   * @throws IllegalArgumentException if {@code successes} is less than 1, or there are fewer items
   * @throws NullPointerException if an argument or an item is {@code null}
   * @throws IllegalStateException if the spec is {@link #isolated}
   */
  public <T, R extends @Nullable Object, X extends Exception> List<R> quorum(
      int successes, Iterable<? extends T> items, TaskFunction<? super T, ? extends R, X> fn)
      throws X, InterruptedException {
    notIsolated("quorum");
    Checks.atLeastOne(successes, "successes");
    return Quorum.of(settings, successes, Checks.noNulls(items, "items"), Checks.given(fn, "fn"));
  }

  private void noHedge(String what) {
    if (settings.hedge() != null) {
      throw new IllegalStateException(
          "hedge says when a race starts its next contender; it means nothing to "
              + what
              + ". Leave it out, or use race or quorum");
    }
  }

  private void notIsolated(String what) {
    if (settings.isolated()) {
      throw new IllegalStateException(
          "isolated keeps the failures of forks apart in call, run and open; it means nothing to "
              + what
              + ". Leave it out, or use settle");
    }
  }

  Settings settings() {
    return settings;
  }

  /** {@return what differs from the default} */
  @Override
  public String toString() {
    var text = new StringBuilder("ScopeSpec[");
    if (settings.name() != null) {
      text.append("named ").append(settings.name()).append(", ");
    }
    if (settings.timeout() != null) {
      text.append("timeout ").append(settings.timeout()).append(", ");
    }
    if (settings.deadline() != Deadline.NONE) {
      text.append(settings.deadline()).append(", ");
    }
    if (settings.limit() > 0) {
      text.append("limit ").append(settings.limit()).append(", ");
    }
    if (settings.isolated()) {
      text.append("isolated, ");
    }
    if (settings.hedge() != null) {
      text.append("hedge ").append(settings.hedge()).append(", ");
    }
    if (text.charAt(text.length() - 1) == ' ') {
      text.setLength(text.length() - 2);
    }
    return text.append(']').toString();
  }
}
