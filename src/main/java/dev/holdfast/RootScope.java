package dev.holdfast;

import dev.holdfast.internal.root.RootThread;
import dev.holdfast.internal.root.ShutdownHook;
import dev.holdfast.internal.util.Checks;
import java.lang.ref.Reference;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A scope that is opened and closed by separate calls. Use it for a bean that a container starts
 * and stops, or for a service with a {@code main}.
 *
 * {@snippet class="dev.holdfast.doc.RootPatterns" region="root-bean"}
 *
 * <p><b>It must be closed</b>; otherwise the tasks in it continue. It ends like every scope: it
 * waits for the forks, stops the workers, drains the channels and closes the resources. A fork that
 * never ends keeps {@link #close()} waiting, so use a {@linkplain Scope#worker worker} for code
 * that runs until the root is closed, or limit the time for closing with {@link #close(Duration)}.
 *
 * <p>A root is independent of the scope or task that opens it: that scope neither waits for the
 * root nor cancels it, and its deadline does not apply. To close a root with a scope, pass it to
 * {@link Scope#use}.
 *
 * <p>Any thread may call the methods of this class.
 *
 * <h2>The thread of a root</h2>
 *
 * <p>From JDK 25 on, only the thread that opened a {@code StructuredTaskScope} may fork in it. So
 * {@link ScopeSpec#open} starts a virtual thread, named after the root, which owns the root until
 * its end. {@link #run} and {@link #call} pass code to this thread, which runs one such call after
 * the other; only this code may use the {@link Scope} to fork. The code should start tasks and
 * return: until it returns, no other code runs and the root does not end. Tasks run on threads of
 * the spec's {@linkplain ScopeSpec#threads factory}.
 *
 * <p>The thread inherits the context class loader of the thread that opened the root, and nothing
 * else. The code sees the thread-locals of its caller that {@code context-propagation} knows, and
 * so do the tasks it starts. The code does not see the scoped values or the deadline of its caller;
 * {@link Scopes#deadline} returns the deadline of the root.
 *
 * <h2>Failure</h2>
 *
 * <p>A failed task or worker ends the root and everything in it. Each {@link #join} throws the
 * failure; {@link #close()} throws it if no method has thrown it before. If no thread waits in
 * either method when the root ends, the {@link System.Logger} {@code dev.holdfast} also logs a
 * warning.
 *
 * <p>A failed fork of an {@linkplain ScopeSpec#isolated isolated} root does not end the root. If no
 * thread has joined such a fork a second later, the logger logs a warning, at most once a second,
 * that names all such forks. When the root ends, failures that no thread has joined go to the
 * uncaught-exception handler.
 *
 * <h2>An unreachable root</h2>
 *
 * <p>About a second after the garbage collector finds that an open root is unreachable, Holdfast
 * cancels the root, and the logger {@code dev.holdfast} logs where it was opened. A root stays
 * reachable if the code of its tasks refers to it, or after {@link #closeOnExit()}.
 *
 * @since 0.1
 */
public final class RootScope implements AutoCloseable {

  /** Leaves time to cancel within the 30 seconds after which Kubernetes kills a process. */
  private static final Duration EXIT_BOUND = Duration.ofSeconds(25);

  // The fences below keep the root reachable while a thread waits in one of its methods.

  private final RootThread root;

  private RootScope(ScopeSpec spec) {
    this.root = new RootThread(spec.settings, this);
  }

  static RootScope open(ScopeSpec spec) {
    var opened = new RootScope(spec);
    opened.root.start();
    return opened;
  }

  /**
   * Runs code on the root's thread and returns its value. If the code throws an exception, this
   * method throws it, and the root continues.
   *
   * <p>Code runs in the order in which it was passed to the root, and each caller waits until its
   * code has ended. What the caller did happens-before the code, and what the code did
   * happens-before this method returns. On the root's own thread the code runs at once, nested in
   * the code that already runs. A task of the root may call this method, but not while code on the
   * root's thread waits for that task: each would wait for the other.
   *
   * <p>If the calling thread is interrupted or its task is cancelled, it stops waiting. The root
   * then skips the code if it has not begun. Code that has begun continues: the root drops its
   * value, and its exception goes to the uncaught-exception handler of the root's thread.
   *
   * @param <R> the type of the value
   * @param <X> the checked exception the code may throw
   * @param body the code to run
   * @return the value
   * @throws X if the code throws it
   * @throws ScopeCancelledException if the root was cancelled or has failed, before the code began
   *     or while it ran; the cause is the failure
   * @throws ScopeClosedException if the root was closed before
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public <R extends @Nullable Object, X extends Exception> R call(ScopeBody<R, X> body)
      throws X, InterruptedException {
    Checks.given(body, "body");
    try {
      return root.<R>call(frame -> body.run(new Scope(frame)));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Runs code without a value on the root's thread. In all other respects this method is like
   * {@link #call}.
   *
   * @param <X> the checked exception the code may throw
   * @param body the code to run
   * @throws X if the code throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public <X extends Exception> void run(ScopeAction<X> body) throws X, InterruptedException {
    Checks.given(body, "body");
    this.<@Nullable Void, X>call(scope -> {
      body.run(scope);
      return null;
    });
  }

  /**
   * Closes the root when the JVM exits, and cancels it if it has not ended within 25 seconds. That
   * fits into the 30 seconds that Kubernetes waits by default before it kills the process. See
   * {@link #closeOnExit(Duration)}.
   *
   * @return this root
   * @throws IllegalStateException if the JVM is exiting
   */
  public RootScope closeOnExit() {
    return closeOnExit(EXIT_BOUND);
  }

  /**
   * Closes the root when the JVM exits, and cancels it if it has not ended within a bound. After a
   * second, Holdfast writes to {@link System#err} what the root waits for. A cancelled root has its
   * {@linkplain ScopeSpec#grace grace} and one more second to end. Then Holdfast writes what still
   * runs to {@code System.err}, with its stack, and the JVM exits.
   *
   * <p>The JVM exits when its last non-daemon platform thread has ended, on {@link System#exit}, on
   * SIGINT and on SIGTERM, but not on SIGKILL. The threads of a root do not keep it from exiting: a
   * {@code main} waits with {@link #join}, which returns when a signal has ended the root. What
   * {@code main} does after that races with the exit. A task of the root that calls {@code
   * System.exit} waits for the exit, which waits for the task; call it in {@code main} instead.
   *
   * {@snippet class="dev.holdfast.doc.RootPatterns" region="root-main"}
   *
   * @param bound how long the root may take to end before it is cancelled, zero or more, at most
   *     2<sup>31</sup>-1 seconds; a later call replaces the bound
   * @return this root
   * @throws IllegalStateException if the JVM is exiting
   * @throws IllegalArgumentException if {@code bound} is negative or longer than the longest
   *     timeout
   */
  public RootScope closeOnExit(Duration bound) {
    Checks.notNegative(bound, "bound");
    root.closeOnExit(new ShutdownHook(this, root, bound), bound);
    return this;
  }

  /**
   * Waits until the root has ended: because it was closed, has failed or was cancelled. What its
   * tasks did happens-before this method returns.
   *
   * @throws ForkFailedException if a task or worker has failed; the cause is its exception
   * @throws ScopeTimeoutException if the deadline of the root has passed
   * @throws ScopeCancelledException if the root was cancelled
   * @throws ScopeException if a resource could not be closed, or the root's thread was interrupted
   * @throws IllegalStateException if a task of the root calls this, because it would wait for
   *     itself
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled; the
   *     root continues
   */
  public void join() throws InterruptedException {
    try {
      root.join();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Closes the root and waits until it has ended, however long that takes. Code that was passed to
   * the root earlier still runs; the root accepts no more code. Any number of threads may call this
   * any number of times; all of them wait. After a second, the logger {@code dev.holdfast} logs
   * once what the root waits for.
   *
   * <p>An interrupt does not end the wait: it cancels the root, and the thread's interrupt flag is
   * set when this method returns. This method does not throw {@link ScopeCancelledException} if the
   * root was cancelled.
   *
   * <p>Do not call this from code that the root waits for. A call from a task of the root, or from
   * an action that a task gave to {@link Scope#onCancel}, is rejected.
   *
   * @throws ForkFailedException if a task or worker has failed and neither this method nor {@link
   *     #join} has thrown that before; the cause is its exception
   * @throws ScopeTimeoutException if the deadline of the root has passed and neither {@code close}
   *     nor {@link #join} has thrown that before
   * @throws ScopeException if a resource could not be closed or the root's thread was interrupted,
   *     and neither {@code close} nor {@link #join} has thrown that before
   * @throws IllegalStateException if a task or an {@code onCancel} action of the root calls this,
   *     because it would wait for itself; call {@link #cancel}, which does not wait
   * @see #close(Duration)
   */
  @Override
  public void close() {
    try {
      root.close(null);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Closes the root, cancels it if it has not ended within a bound, and returns even if a task does
   * not stop. Use this method in a container that limits the time for a shutdown, as in the example
   * above.
   *
   * <p>A root that is cancelled has its {@linkplain ScopeSpec#grace grace} and one more second to
   * end. If a task or resource takes longer, the logger names it and shows its stack, and this
   * method returns {@code false}. The task then still belongs to the root: {@link #join} and {@link
   * #close()} wait for it. The end of the tasks happens-before this method returns {@code true}.
   * Otherwise this method does the same as {@link #close()}; an interrupt does not shorten the
   * bound.
   *
   * @param bound how long the root may take to end before it is cancelled, zero or more, at most
   *     2<sup>31</sup>-1 seconds
   * @return whether the root has ended
   * @throws ForkFailedException if the root has ended, a task or worker has failed, and neither
   *     {@code close} nor {@link #join} has thrown that before; the cause is its exception
   * @throws ScopeTimeoutException if the deadline of the root has passed and neither {@code close}
   *     nor {@link #join} has thrown that before
   * @throws ScopeException if a resource could not be closed or the root's thread was interrupted,
   *     and neither {@code close} nor {@link #join} has thrown that before
   * @throws IllegalStateException if a task of the root calls this, because it would wait for
   *     itself
   * @throws IllegalArgumentException if {@code bound} is negative or longer than the longest
   *     timeout
   */
  public boolean close(Duration bound) {
    Checks.notNegative(bound, "bound");
    try {
      return root.close(bound);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Cancels the root: everything in it is interrupted until it has ended. This method does not
   * wait; {@link #close()} does. It does nothing if the root has ended.
   *
   * @param reason the reason, which the resulting exceptions state
   */
  public void cancel(String reason) {
    root.cancel(Checks.given(reason, "reason"));
  }

  /** {@return whether the root was cancelled, by a call, a failure or its deadline} */
  public boolean isCancelled() {
    return root.scope().cancellation() != null;
  }

  /** {@return the name of the root, or of the class that opened it} */
  public String name() {
    return root.name();
  }

  /** {@return the name and the state} */
  @Override
  public String toString() {
    return "RootScope[" + name() + ", " + root.state() + "]";
  }
}
