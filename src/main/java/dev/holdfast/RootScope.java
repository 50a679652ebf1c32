package dev.holdfast;

import dev.holdfast.internal.root.RootThread;
import dev.holdfast.internal.root.ShutdownHook;
import dev.holdfast.internal.util.Checks;
import java.lang.ref.Reference;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A scope that is not a block: it is opened, handed work, and closed, each by any thread. For a
 * bean that a container starts and stops, or the service behind a {@code main}.
 *
 * {@snippet class="dev.holdfast.doc.RootPatterns" region="root-bean"}
 *
 * <p><b>It must be closed</b>, best with {@code try}; otherwise what runs in it goes on. It ends as
 * every scope does: {@linkplain Scope forks are waited for}, workers stopped, channels drained,
 * resources closed. A fork that never ends keeps {@link #close} waiting; what is to run until the
 * end is a {@linkplain Scope#worker worker}.
 *
 * <p>It is a root: a scope or task in which it is opened does not wait for it, does not cancel it,
 * and has no say in its deadline. To tie it to one, hand it to {@link Scope#use}.
 *
 * <h2>Whose thread</h2>
 *
 * <p>From JDK 25 on only the thread that opened a {@code StructuredTaskScope} may fork in it. So a
 * root has a virtual thread of its own, which {@link ScopeSpec#open} starts, which is named after
 * the scope, and which owns it until the end. It does nothing but run, one after the other, what
 * {@link #run} and {@link #call} hand to it; the {@link Scope} is theirs alone to fork with. Such
 * code starts things and is done: while it runs nobody else's does, and the root does not end.
 * Tasks are children of the root, on threads from the spec's {@linkplain ScopeSpec#threads
 * factory}.
 *
 * <p>The thread inherits nothing of the one that opened the root but its context class loader. Code
 * that is handed over sees the thread-locals of its caller that {@code context-propagation} knows,
 * and hands them on to the tasks it starts; it does not see scoped values or the deadline of its
 * caller, {@link Scopes#deadline} is that of the root.
 *
 * <h2>Failure</h2>
 *
 * <p>A task or worker that fails ends the root, with everything in it. {@link #join} tells, every
 * time; {@link #close} throws it if nobody has heard of it before. If nobody is waiting in either
 * when the root ends, it is also a warning of the {@link System.Logger} {@code dev.holdfast}: the
 * next to ask may be a long time away.
 *
 * <h2>A root that is lost</h2>
 *
 * <p>If nothing refers to an open root any more, it is cancelled within about a second of the next
 * garbage collection that notices, and a warning of the logger {@code dev.holdfast} tells where it
 * was opened. A task whose code refers to the root, or to an object that does, keeps it from being
 * noticed; so does {@link #closeOnExit}, with which the root is open until the JVM exits.
 *
 * @since 0.1
 */
public final class RootScope implements AutoCloseable {

  // The fences below: while a thread waits in a method of it, the root is not lost.

  private final RootThread root;

  private RootScope(ScopeSpec spec) {
    this.root = new RootThread(spec.settings(), this);
  }

  static RootScope open(ScopeSpec spec) {
    var opened = new RootScope(spec);
    opened.root.start();
    return opened;
  }

  /**
   * Runs code on the root's thread and returns its value. What the code throws comes out here, and
   * does not harm the root.
   *
   * <p>On the root's own thread the code runs at once, inside what runs already. Elsewhere it waits
   * for its turn, and the caller for its end. A task of the root may call this, but not while code
   * on the root's thread waits for that task: each would wait for the other.
   *
   * <p>A caller that is interrupted or cancelled waits no longer. Code that has not begun is then
   * not run; code that has begun goes on, its value is dropped, and what it throws goes to the
   * uncaught-exception handler of the root's thread.
   *
   * @param <R> the type of the value
   * @param <X> the checked exception the code may throw
   * @param body what to run
   * @return the value
   * @throws X if the code throws it
   * @throws ScopeCancelledException if the root was cancelled or has failed, before the code began
   *     or so that it was cut off; the source and the cause tell why
   * @throws ScopeClosedException if the root was closed before
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   * @throws NullPointerException if {@code body} is {@code null}
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
   * Runs code without a value on the root's thread, as {@link #call} does.
   *
   * @param <X> the checked exception the code may throw
   * @param body what to run
   * @throws X if the code throws it
   * @throws ScopeCancelledException if the root was cancelled or has failed, before the code began
   *     or so that it was cut off; the source and the cause tell why
   * @throws ScopeClosedException if the root was closed before
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   * @throws NullPointerException if {@code body} is {@code null}
   */
  public <X extends Exception> void run(ScopeAction<X> body) throws X, InterruptedException {
    Checks.given(body, "body");
    this.<@Nullable Void, X>call(scope -> {
      body.run(scope);
      return null;
    });
  }

  /**
   * Has the root end when the JVM exits: it is closed, and cancelled if it has not ended within the
   * bound. What has not stopped a second later is named on {@link System#err}, with its stack, and
   * the JVM exits all the same. When the root has ended the JVM forgets of it.
   *
   * <p>The JVM exits when its last platform thread that is no daemon has ended, on {@link
   * System#exit}, and on SIGINT and SIGTERM; not on SIGKILL. The threads of a root are no reason to
   * stay: a {@code main} waits with {@link #join}, which returns when a signal has ended the root.
   * What {@code main} does after that races with the exit. A task of the root that calls {@code
   * System.exit} waits for the exit, and so is what does not stop; have {@code main} do that.
   *
   * {@snippet class="dev.holdfast.doc.RootPatterns" region="root-main"}
   *
   * @param bound how long it may take to end in peace, zero to be cancelled at once; called again,
   *     this replaces the bound
   * @return this root
   * @throws IllegalStateException if the JVM exits already
   * @throws IllegalArgumentException if {@code bound} is negative or more than 2<sup>31</sup>-1
   *     seconds
   * @throws NullPointerException if {@code bound} is {@code null}
   */
  public RootScope closeOnExit(Duration bound) {
    Checks.notNegative(bound, "bound");
    root.closeOnExit(new ShutdownHook(this, root, bound), bound);
    return this;
  }

  /**
   * Waits until the root has ended: was closed, has failed, or was cancelled.
   *
   * @throws ForkFailedException if a task or worker has failed; the cause is what it threw
   * @throws ScopeTimeoutException if its deadline has passed
   * @throws ScopeCancelledException if it was cancelled
   * @throws ScopeException if a resource could not be closed, or the root's thread was interrupted
   * @throws IllegalStateException if a task of the root calls it, which would wait for itself
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled; the
   *     root goes on
   */
  public void join() throws InterruptedException {
    try {
      root.join();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Ends the root in peace and waits until it has ended. Code that was handed over before still
   * runs; none is taken from here on. Any thread may call this, any number of times: all wait.
   *
   * <p>What the root waits for must not wait for the root: not a task of it, which is refused, nor
   * an action given to {@link Scope#onCancel}, which is not told apart.
   *
   * <p>An interrupt does not end the wait but cancels the root, and is in the thread's flag again
   * on return. That a root was cancelled is no failure here.
   *
   * @throws ForkFailedException if a task or worker has failed and nobody has heard of it from this
   *     or {@link #join}; the cause is what it threw
   * @throws ScopeTimeoutException likewise, if the deadline has passed
   * @throws ScopeException likewise, if a resource could not be closed, or the root's thread was
   *     interrupted
   * @throws IllegalStateException if a task of the root calls it, which would wait for itself;
   *     {@link #cancel} does not wait
   */
  @Override
  public void close() {
    try {
      root.close();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Cancels the root: everything in it is interrupted until it has ended. Any thread may call it.
   * It does not wait, {@link #close} does. Of no effect on a root that has ended.
   *
   * @param reason why, for the exceptions that come of it
   * @throws NullPointerException if {@code reason} is {@code null}
   */
  public void cancel(String reason) {
    root.cancel(Checks.given(reason, "reason"));
  }

  /**
   * {@return whether the root was cancelled, by whatever; a failure and its deadline do that too}
   */
  public boolean isCancelled() {
    return root.scope().cancellation() != null;
  }

  /** {@return the name it was given, or that of the class in which it was opened} */
  public String name() {
    return root.name();
  }

  /** {@return the name and the state} */
  @Override
  public String toString() {
    return "RootScope[" + name() + ", " + root.state() + "]";
  }
}
