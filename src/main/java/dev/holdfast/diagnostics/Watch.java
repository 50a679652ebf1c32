package dev.holdfast.diagnostics;

import dev.holdfast.Inspect;
import dev.holdfast.RootScope;
import dev.holdfast.Scope;
import dev.holdfast.Scopes;
import dev.holdfast.Worker;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Looks twice a second for tasks that wait for each other, and reports them.
 *
 * <p>Reported is who waits at a channel that only those could serve who wait as well, and who joins
 * in a circle; a second after the last of them began to wait, and once. A {@link
 * dev.holdfast.Report} goes to the logger {@code dev.holdfast} and to {@link Inspect#onReport}. It
 * takes a picture of all scopes for that, some tenths of a microsecond for each task.
 *
 * <p>Reports of tasks that do not stop tell who holds the lock they wait for while a watch is on,
 * where the JVM tells: of platform threads always, of virtual threads for monitors from JDK 25 on,
 * and for locks from JDK 26 on.
 *
 * <p>Deadlines do not count: who waits in a scope with a time-out, for what nobody will do, is
 * reported all the same. Who gives his operation a time-out is not.
 *
 * <p>It runs on virtual threads: while code that does not block holds every carrier it neither
 * looks nor ends.
 *
 * <p>Only what runs in the scope of a channel, or below it, is taken to use it. One that is handed
 * to other threads is declared as {@link dev.holdfast.channel.ChannelSpec#shared()}.
 *
 * {@snippet class="dev.holdfast.doc.DiagnosticsPatterns" region="watch"}
 *
 * @since 0.1
 */
public final class Watch implements AutoCloseable {

  /** The name of the worker, and of the root scope it gets where there is no other. */
  static final String NAME = "holdfast-watch";

  private static final Duration PERIOD = Duration.ofMillis(500);

  /** A root that nobody refers to is cancelled. */
  private static final Set<RootScope> LOOKING = ConcurrentHashMap.newKeySet();

  private final RootScope root;

  private Watch(RootScope root) {
    this.root = root;
  }

  /**
   * Begins to look, in a root scope of its own, until it is closed.
   *
   * @return close it to have it end
   * @throws InterruptedException if the calling thread is interrupted
   */
  public static Watch start() throws InterruptedException {
    RootScope root = Scopes.open(Scopes.named(NAME));
    boolean started = false;
    try {
      root.run(Watch::in);
      LOOKING.add(root);
      started = true;
      return new Watch(root);
    } finally {
      if (!started) {
        root.cancel("the watch could not be started");
      }
    }
  }

  /**
   * Begins to look, as a worker of a scope, which ends with it. It must be called by the owner of
   * the scope.
   *
   * @param scope the scope; all scopes of the JVM are looked at
   * @return the worker
   * @throws NullPointerException if {@code scope} is {@code null}
   */
  public static Worker<@Nullable Void> in(Scope scope) {
    Objects.requireNonNull(scope, "scope");
    scope.use(Inspect.explainWith(new Holders()));
    var stalls = new Stalls();
    return scope.every(NAME, PERIOD, () -> look(stalls));
  }

  /** Who looks must not be the one who brings the program down. */
  private static void look(Stalls stalls) {
    try {
      stalls.look(Inspect.live(), System.nanoTime()).forEach(Inspect::report);
    } catch (Throwable t) {
      Thread thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, t);
    }
  }

  /** Ends it, and waits for that. Of no effect the second time. */
  @Override
  public void close() {
    LOOKING.remove(root);
    root.close();
  }

  /** {@return that it looks, or that it has ended} */
  @Override
  public String toString() {
    return "Watch[" + root + "]";
  }
}
