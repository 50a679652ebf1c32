package dev.holdfast.diagnostics;

import dev.holdfast.Inspect;
import dev.holdfast.RootScope;
import dev.holdfast.Scope;
import dev.holdfast.Scopes;
import dev.holdfast.Worker;
import dev.holdfast.diagnostics.stall.LockOwners;
import dev.holdfast.diagnostics.stall.StallDetector;
import dev.holdfast.inspect.Snapshot;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A stall detector: it checks twice a second for tasks that wait for each other, and reports them.
 *
 * <p>It reports tasks that wait at a channel that only waiting tasks could serve, and tasks that
 * join each other in a cycle. It reports them once, a second after the last of them began to wait.
 * The {@link dev.holdfast.inspect.Report} goes to the logger {@code dev.holdfast} and to {@link
 * Inspect#onReport}. Each check takes a snapshot of all scopes, which costs a few tenths of a
 * microsecond per task.
 *
 * <p>While a watch runs, reports of tasks that do not stop also name the owner of the lock that a
 * task waits for, if the JVM knows the owner. For a platform thread, every JVM does. For a virtual
 * thread, the JVM knows the owner of a monitor since JDK 25, and the owner of a lock since JDK 26.
 *
 * <p>A wait in a scope with a deadline is reported too. A wait that itself has a timeout is not
 * reported.
 *
 * <p>The watch runs on virtual threads: while code that does not block holds every carrier, the
 * watch neither checks nor ends.
 *
 * <p>It assumes that only threads in the scope of a channel, or below it, use the channel. Declare
 * a channel that other threads use as {@link dev.holdfast.channel.ChannelSpec#shared()}.
 *
 * {@snippet class="dev.holdfast.doc.DiagnosticsPatterns" region="watch"}
 *
 * @since 0.1
 */
public final class Watch implements AutoCloseable {

  /** The name of the worker, and of the root scope if the watch has opened one. */
  static final String NAME = "holdfast-watch";

  private static final Duration PERIOD = Duration.ofMillis(500);

  /** Keeps root scopes reachable: an unreachable one is cancelled. */
  private static final Set<RootScope> OPEN = ConcurrentHashMap.newKeySet();

  private final RootScope root;

  private Watch(RootScope root) {
    this.root = root;
  }

  /**
   * Starts a watch in a root scope of its own. It runs until it is closed. Any thread may call
   * this.
   *
   * @return the watch
   * @throws InterruptedException if the calling thread is interrupted
   */
  public static Watch start() throws InterruptedException {
    RootScope root = Scopes.open(Scopes.named(NAME));
    boolean started = false;
    try {
      root.run(Watch::in);
      OPEN.add(root);
      started = true;
      return new Watch(root);
    } finally {
      if (!started) {
        root.cancel("the watch could not be started");
      }
    }
  }

  /**
   * Starts a watch as a worker of a scope. It ends with the scope. Only the owner of the scope may
   * call this.
   *
   * @param scope the scope that the worker belongs to; the watch checks all scopes of the JVM
   * @return the worker
   * @throws NullPointerException if {@code scope} is {@code null}
   */
  public static Worker<@Nullable Void> in(Scope scope) {
    Objects.requireNonNull(scope, "scope");
    return in(scope, PERIOD, new StallDetector());
  }

  static Worker<@Nullable Void> in(Scope scope, Duration period, StallDetector detector) {
    scope.use(Inspect.explainWith(new LockOwners()));
    return scope.every(NAME, period, () -> check(detector));
  }

  /**
   * Reports new stalls. A failure goes to the uncaught-exception handler, because the watch must
   * not end the program.
   */
  private static void check(StallDetector detector) {
    try {
      long begun = System.nanoTime();
      List<Snapshot> live = Inspect.live();
      detector.check(live, begun, System.nanoTime()).forEach(Inspect::report);
    } catch (Throwable t) {
      Thread thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, t);
    }
  }

  /**
   * Ends the watch and waits for its end, like {@link RootScope#close()}. Any thread may call this;
   * calls after the first do nothing.
   */
  @Override
  public void close() {
    OPEN.remove(root);
    root.close();
  }

  /** {@return the state of its root scope} */
  @Override
  public String toString() {
    return "Watch[" + root + "]";
  }
}
