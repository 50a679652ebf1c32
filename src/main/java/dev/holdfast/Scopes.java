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
 * <h2>Rules</h2>
 *
 * <p>{@link #fanOut(Iterable, TaskFunction) fanOut}, {@link #settle}, {@link #race} and {@link
 * #quorum} are the <em>combinators</em>. They run tasks at the same time: at most the {@linkplain
 * ScopeSpec#limit limit} of the spec, {@link ScopeSpec#DEFAULT_LIMIT} by default. They, {@link
 * #call} and {@link #run} block until everything started in their scope has ended:
 *
 * <ul>
 *   <li>Any thread may call them, inside a scope or outside. A scope that is opened inside another
 *       is cancelled with it, and the earliest of their deadlines applies.
 *   <li>If the calling thread is interrupted or its task is cancelled, the new scope is cancelled,
 *       and {@link InterruptedException} is thrown when its tasks have ended. If the task was
 *       cancelled before, nothing is started.
 *   <li>What the caller did before the call happens-before every task; what the tasks did
 *       happens-before the end of the call.
 *   <li>{@code null} items are refused with {@link NullPointerException}.
 * </ul>
 *
 * @since 0.1
 */
public final class Scopes {

  private Scopes() {}

  /**
   * Runs a body in a new scope on the calling thread, and returns its value when everything started
   * in the scope has ended. See {@link Scope} for how a scope ends.
   *
   * {@snippet class="dev.holdfast.doc.Patterns" region="scope"}
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
   * Opens a scope that stays open until it is closed. See {@link RootScope} for its rules.
   *
   * <p>It does not depend on the scope or task that opens it: it inherits no deadline and no
   * cancellation, and nothing waits for its end. This method does not block.
   *
   * {@snippet class="dev.holdfast.doc.RootPatterns" region="root-main"}
   *
   * @return the open scope; it must be closed
   */
  public static RootScope open() {
    return ScopeSpec.DEFAULT.open();
  }

  /**
   * Opens a scope with the settings of a spec, otherwise as {@link #open()}. The timeout of the
   * spec starts at this call.
   *
   * @param spec the settings
   * @return the open scope; it must be closed
   * @throws IllegalStateException if the spec has a {@linkplain ScopeSpec#hedge hedge}
   */
  public static RootScope open(ScopeSpec spec) {
    return Checks.given(spec, "spec").open();
  }

  /**
   * Applies a function to every item at the same time and returns all results.
   *
   * <p>The first failure cancels the other tasks; {@code fanOut} throws it unwrapped, with later
   * failures suppressed. A collection is copied when the call begins. The calling thread reads any
   * other {@code Iterable}, one item at a time, whenever another task may start. An exception of
   * the {@code Iterable} is a failure too. Items that block get a thread each; short items share
   * threads.
   *
   * {@snippet class="dev.holdfast.doc.Patterns" region="fan-out"}
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param <X> the checked exception the function may throw
   * @param items the items
   * @param fn the function to apply to each item
   * @return the results in the order of the items, an unmodifiable list that may hold {@code null}s
   * @throws X if the function throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public static <T, R extends @Nullable Object, X extends Exception> List<R> fanOut(
      Iterable<? extends T> items, TaskFunction<? super T, ? extends R, X> fn)
      throws X, InterruptedException {
    return ScopeSpec.DEFAULT.fanOut(items, fn);
  }

  /**
   * Runs tasks at the same time and returns all results, otherwise as {@link #fanOut(Iterable,
   * TaskFunction)}.
   *
   * @param <R> the type of the results
   * @param <X> the checked exception the tasks may throw
   * @param tasks the tasks
   * @return the results in the order of the tasks, an unmodifiable list that may hold {@code null}s
   * @throws X if a task throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public static <R extends @Nullable Object, X extends Exception> List<R> fanOut(
      List<? extends Task<? extends R, ? extends X>> tasks) throws X, InterruptedException {
    return ScopeSpec.DEFAULT.fanOut(tasks);
  }

  /**
   * Runs two different tasks at the same time and combines their results when both have ended,
   * otherwise as {@link #fanOut(Iterable, TaskFunction)}.
   *
   * {@snippet class="dev.holdfast.doc.Patterns" region="combine"}
   *
   * @param <A> the type of the first result
   * @param <B> the type of the second result
   * @param <R> the type of the combined result
   * @param <X> the checked exception the tasks and {@code join} may throw
   * @param a the first task
   * @param b the second task
   * @param join combines the results, on the calling thread
   * @return the combined result
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
   * Runs three different tasks at the same time and combines their results.
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
   * @return the combined result
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
   * Runs four different tasks at the same time and combines their results.
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
   * @return the combined result
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
   * Runs five different tasks at the same time and combines their results.
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
   * @return the combined result
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
   * <p>When the deadline passes, {@code settle} does not throw. It returns the outcomes so far, and
   * {@link Outcome.Unfinished} for the items whose tasks were cancelled or, if {@code items} is a
   * collection, had not started. The deadline of a scope around the call cancels it, like any task.
   *
   * {@snippet class="dev.holdfast.doc.Patterns" region="settle"}
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
   * other tasks.
   *
   * <p>If every task fails, {@code race} throws the first failure unwrapped, with the others
   * suppressed. An {@link Error} thrown by a task that lost goes to the uncaught-exception handler
   * of its thread.
   *
   * {@snippet class="dev.holdfast.doc.Patterns" region="hedge"}
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param <X> the checked exception the function may throw
   * @param items the contenders, at least one
   * @param fn the function to apply to each item
   * @return the first result, may be {@code null}
   * @throws X if every contender fails
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   * @throws IllegalArgumentException if {@code items} is empty
   */
  public static <T, R extends @Nullable Object, X extends Exception> R race(
      Iterable<? extends T> items, TaskFunction<? super T, ? extends R, X> fn)
      throws X, InterruptedException {
    return ScopeSpec.DEFAULT.race(items, fn);
  }

  /**
   * Applies a function to every item at the same time, returns the first {@code successes} results
   * and cancels the other tasks.
   *
   * <p>When so many tasks have failed that too few are left, {@code quorum} throws the first
   * failure unwrapped, with the others suppressed.
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
   * @throws IllegalArgumentException if {@code successes} is less than 1, or there are fewer items
   */
  public static <T, R extends @Nullable Object, X extends Exception> List<R> quorum(
      int successes, Iterable<? extends T> items, TaskFunction<? super T, ? extends R, X> fn)
      throws X, InterruptedException {
    return ScopeSpec.DEFAULT.quorum(successes, items, fn);
  }

  /**
   * Begins a spec with a name.
   *
   * @param name the name of the scope, see {@link ScopeSpec#named}
   * @return the spec
   */
  public static ScopeSpec named(String name) {
    return ScopeSpec.DEFAULT.named(name);
  }

  /**
   * Begins a spec with a timeout.
   *
   * @param timeout more than zero, see {@link ScopeSpec#timeout}
   * @return the spec
   */
  public static ScopeSpec timeout(Duration timeout) {
    return ScopeSpec.DEFAULT.timeout(timeout);
  }

  /**
   * Begins a spec with a limit.
   *
   * @param maxConcurrentForks how many forks may run at once, see {@link ScopeSpec#limit}
   * @return the spec
   */
  public static ScopeSpec limit(int maxConcurrentForks) {
    return ScopeSpec.DEFAULT.limit(maxConcurrentForks);
  }

  /**
   * {@return the earliest deadline of the scopes the current thread runs in, or {@link
   * Deadline#NONE}}
   *
   * <p>Pass it on to code that has a timeout of its own:
   *
   * {@snippet class="dev.holdfast.doc.Patterns" region="deadline"}
   */
  public static Deadline deadline() {
    CancelScope current = ThreadScope.currentScope();
    return current == null || current.isClosing() ? Deadline.NONE : current.deadline();
  }

  /**
   * Throws if the current task or scope is cancelled; for loops that do not block. Outside of every
   * scope it checks the thread's interrupt flag. It never blocks.
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
   * {@snippet class="dev.holdfast.doc.Patterns" region="shield"}
   *
   * @param <R> the type of the result
   * @param <X> the checked exception the action may throw
   * @param atMost how long the action may take, more than zero, at most 2<sup>31</sup>-1 seconds
   * @param cleanup the action to run
   * @return the result of the action
   * @throws X if the action throws it
   * @throws ScopeTimeoutException if {@code atMost} has passed before the action returned
   * @throws InterruptedException if the thread is interrupted from outside
   * @throws IllegalArgumentException if {@code atMost} is zero, negative or longer than that
   */
  public static <R extends @Nullable Object, X extends Exception> R shield(
      Duration atMost, Task<R, X> cleanup) throws X, InterruptedException {
    Checks.positive(atMost, "atMost");
    return Shield.call(Deadline.after(atMost), Checks.given(cleanup, "cleanup"));
  }
}
