package dev.holdfast;

import dev.holdfast.internal.cancel.CancelScope;
import dev.holdfast.internal.cancel.Shield;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.util.Checks;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The front door: opens scopes, and tells the code inside them what they run under.
 *
 * <p>A scope is a block: when its call returns, every thread started in it has ended, whether it
 * returns a value or throws, and whatever was the reason.
 *
 * {@snippet class="dev.holdfast.doc.Patterns" region="fan-out"}
 *
 * <p>The methods that open a scope are those of {@link ScopeSpec}, with nothing specified; {@link
 * #named}, {@link #timeout} and {@link #limit} begin a spec:
 *
 * {@snippet class="dev.holdfast.doc.Patterns" region="spec"}
 *
 * @since 0.1
 */
public final class Scopes {

  private Scopes() {}

  /**
   * Runs a body in a new scope and returns its value, see {@link ScopeSpec#call}.
   *
   * @param <R> the type of the value
   * @param <X> the checked exception the body may throw
   * @param body what to run, on the calling thread
   * @return the body's value
   * @throws X if the body throws it
   * @throws ForkFailedException if a fork fails
   * @throws ScopeCancelledException if {@link Scope#cancel} cut off the body
   * @throws ScopeException if a resource cannot be closed
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   * @throws NullPointerException if {@code body} is {@code null}
   */
  public static <R extends @Nullable Object, X extends Exception> R call(ScopeBody<R, X> body)
      throws X, InterruptedException {
    return ScopeSpec.DEFAULT.call(body);
  }

  /**
   * Runs a body without a value in a new scope, see {@link ScopeSpec#run}.
   *
   * @param <X> the checked exception the body may throw
   * @param body what to run, on the calling thread
   * @throws X if the body throws it
   * @throws ForkFailedException if a fork fails
   * @throws ScopeCancelledException if {@link Scope#cancel} cut off the body
   * @throws ScopeException if a resource cannot be closed
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   * @throws NullPointerException if {@code body} is {@code null}
   */
  public static <X extends Exception> void run(ScopeAction<X> body) throws X, InterruptedException {
    ScopeSpec.DEFAULT.run(body);
  }

  /**
   * Opens a scope that runs until it is closed, see {@link ScopeSpec#open}. It must be closed.
   *
   * @return the scope, open
   */
  public static RootScope open() {
    return ScopeSpec.DEFAULT.open();
  }

  /**
   * Opens a scope that runs until it is closed, see {@link ScopeSpec#open}. It must be closed.
   *
   * @param spec what it is to be like
   * @return the scope, open
   * @throws IllegalStateException if the spec has a {@linkplain ScopeSpec#hedge hedge}
   * @throws NullPointerException if {@code spec} is {@code null}
   */
  public static RootScope open(ScopeSpec spec) {
    return Checks.given(spec, "spec").open();
  }

  /**
   * Applies a function to every item at the same time, see {@link ScopeSpec#fanOut(Iterable,
   * TaskFunction)}.
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param <X> the checked exception the function may throw
   * @param items the items
   * @param fn what to do with each
   * @return the results in the order of the items, an unmodifiable list
   * @throws X if the function throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   * @throws NullPointerException if an argument or an item is {@code null}
   */
  public static <T, R extends @Nullable Object, X extends Exception> List<R> fanOut(
      Iterable<? extends T> items, TaskFunction<? super T, ? extends R, X> fn)
      throws X, InterruptedException {
    return ScopeSpec.DEFAULT.fanOut(items, fn);
  }

  /**
   * Runs tasks at the same time, see {@link ScopeSpec#fanOut(List)}.
   *
   * @param <R> the type of the results
   * @param <X> the checked exception the tasks may throw
   * @param tasks the tasks
   * @return the results in the order of the tasks, an unmodifiable list
   * @throws X if a task throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   * @throws NullPointerException if {@code tasks} or a task is {@code null}
   */
  public static <R extends @Nullable Object, X extends Exception> List<R> fanOut(
      List<? extends Task<? extends R, ? extends X>> tasks) throws X, InterruptedException {
    return ScopeSpec.DEFAULT.fanOut(tasks);
  }

  /**
   * Runs two different tasks at the same time and combines their results.
   *
   * @param <A> the type of the first result
   * @param <B> the type of the second result
   * @param <R> the type of the combined result
   * @param <X> the checked exception the tasks and the combination may throw
   * @param a the first task
   * @param b the second task
   * @param join combines the results, on the calling thread
   * @return the combined result
   * @throws X if a task or the combination throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   * @throws NullPointerException if an argument is {@code null}
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
   * @param <X> the checked exception the tasks and the combination may throw
   * @param a the first task
   * @param b the second task
   * @param c the third task
   * @param join combines the results, on the calling thread
   * @return the combined result
   * @throws X if a task or the combination throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   * @throws NullPointerException if an argument is {@code null}
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
   * @param <X> the checked exception the tasks and the combination may throw
   * @param a the first task
   * @param b the second task
   * @param c the third task
   * @param d the fourth task
   * @param join combines the results, on the calling thread
   * @return the combined result
   * @throws X if a task or the combination throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   * @throws NullPointerException if an argument is {@code null}
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
   * @param <X> the checked exception the tasks and the combination may throw
   * @param a the first task
   * @param b the second task
   * @param c the third task
   * @param d the fourth task
   * @param e the fifth task
   * @param join combines the results, on the calling thread
   * @return the combined result
   * @throws X if a task or the combination throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   * @throws NullPointerException if an argument is {@code null}
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
   * Applies a function to every item at the same time and returns what became of each, see {@link
   * ScopeSpec#settle}.
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param items the items
   * @param fn what to do with each
   * @return the outcomes in the order of the items, an unmodifiable list
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   * @throws NullPointerException if an argument or an item is {@code null}
   */
  public static <T, R extends @Nullable Object> List<Outcome<T, R>> settle(
      Iterable<? extends T> items, TaskFunction<? super T, ? extends R, ?> fn)
      throws InterruptedException {
    return ScopeSpec.DEFAULT.settle(items, fn);
  }

  /**
   * Applies a function to every item at the same time and returns the first result, see {@link
   * ScopeSpec#race}.
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param <X> the checked exception the function may throw
   * @param items the contenders, at least one
   * @param fn what to do with each
   * @return the first result, may be {@code null}
   * @throws X if every contender fails
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   * @throws IllegalArgumentException if there is no item
   * @throws NullPointerException if an argument or an item is {@code null}
   */
  public static <T, R extends @Nullable Object, X extends Exception> R race(
      Iterable<? extends T> items, TaskFunction<? super T, ? extends R, X> fn)
      throws X, InterruptedException {
    return ScopeSpec.DEFAULT.race(items, fn);
  }

  /**
   * Applies a function to every item at the same time and returns the first so many results, see
   * {@link ScopeSpec#quorum}.
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param <X> the checked exception the function may throw
   * @param successes how many results are needed, at least 1
   * @param items the contenders, at least that many
   * @param fn what to do with each
   * @return the results in the order they came in, an unmodifiable list
   * @throws X if too many contenders fail
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   * @throws IllegalArgumentException if {@code successes} is less than 1, or there are fewer items
   * @throws NullPointerException if an argument or an item is {@code null}
   */
  public static <T, R extends @Nullable Object, X extends Exception> List<R> quorum(
      int successes, Iterable<? extends T> items, TaskFunction<? super T, ? extends R, X> fn)
      throws X, InterruptedException {
    return ScopeSpec.DEFAULT.quorum(successes, items, fn);
  }

  /**
   * Begins a spec with a name, see {@link ScopeSpec#named}.
   *
   * @param name the name of the scope
   * @return the spec
   * @throws IllegalArgumentException if {@code name} is blank
   * @throws NullPointerException if {@code name} is {@code null}
   */
  public static ScopeSpec named(String name) {
    return ScopeSpec.DEFAULT.named(name);
  }

  /**
   * Begins a spec with a time-out, see {@link ScopeSpec#timeout}.
   *
   * @param timeout more than zero, at most 2<sup>31</sup>-1 seconds
   * @return the spec
   * @throws IllegalArgumentException if {@code timeout} is zero, negative or longer than that
   * @throws NullPointerException if {@code timeout} is {@code null}
   */
  public static ScopeSpec timeout(Duration timeout) {
    return ScopeSpec.DEFAULT.timeout(timeout);
  }

  /**
   * Begins a spec with a limit, see {@link ScopeSpec#limit}.
   *
   * @param maxConcurrentForks how many tasks may run at once, at least 1
   * @return the spec
   * @throws IllegalArgumentException if it is less than 1
   */
  public static ScopeSpec limit(int maxConcurrentForks) {
    return ScopeSpec.DEFAULT.limit(maxConcurrentForks);
  }

  /**
   * {@return the earliest deadline of the scopes the current thread is in, {@link Deadline#NONE}
   * where there is none}
   *
   * <p>For handing on to what has a time-out of its own:
   *
   * {@snippet class="dev.holdfast.doc.Patterns" region="deadline"}
   */
  public static Deadline deadline() {
    CancelScope frame = ThreadScope.currentFrame();
    return frame == null || frame.closing() ? Deadline.NONE : frame.deadline();
  }

  /**
   * Throws if the task or scope that calls it was cancelled, for loops that never block. Outside
   * every scope it only looks at the thread's interrupt flag.
   *
   * @throws InterruptedException if the current task is cancelled, with a {@link
   *     ScopeCancelledException} as its cause, or the thread was interrupted from outside
   */
  public static void checkpoint() throws InterruptedException {
    ThreadScope.checkpointCurrent();
  }

  /**
   * Runs a clean-up to its end though the task around it is cancelled, but never longer than it is
   * given: then it is interrupted, until it has ended.
   *
   * <p>It runs on the calling thread. Inside, {@link #deadline()} is that of the shield, and scopes
   * may be opened. An interrupt that was pending when it began is pending again when it has ended.
   *
   * {@snippet class="dev.holdfast.doc.Patterns" region="shield"}
   *
   * @param <R> the type of the result
   * @param <X> the checked exception the clean-up may throw
   * @param atMost how long it may take, more than zero, at most 2<sup>31</sup>-1 seconds
   * @param cleanup what to run
   * @return what the clean-up returned
   * @throws X if the clean-up throws it
   * @throws ScopeTimeoutException if it took longer
   * @throws InterruptedException if the thread is interrupted from outside
   * @throws IllegalArgumentException if {@code atMost} is zero, negative or longer than that
   * @throws NullPointerException if an argument is {@code null}
   */
  public static <R extends @Nullable Object, X extends Exception> R shield(
      Duration atMost, Task<R, X> cleanup) throws X, InterruptedException {
    Checks.positive(atMost, "atMost");
    return Shield.call(Deadline.after(atMost), Checks.given(cleanup, "cleanup"));
  }
}
