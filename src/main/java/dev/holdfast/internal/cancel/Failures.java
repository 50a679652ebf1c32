package dev.holdfast.internal.cancel;

import dev.holdfast.ForkFailedException;
import dev.holdfast.ScopeCancelledException;
import dev.holdfast.ScopeException;
import dev.holdfast.internal.util.Throwables;
import java.io.InterruptedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayDeque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The failures of a scope after the first, kept until the scope ends and then suppressed on the
 * exception that it throws.
 */
public final class Failures {

  /** The largest number of failures kept; further ones are only counted. */
  public static final int KEPT = 32;

  private static final VarHandle LAST;

  static {
    try {
      LAST = MethodHandles.lookup().findVarHandle(Failures.class, "last", Node.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private record Node(Throwable thrown, @Nullable Node before, int number) {}

  /** The latest failure, linked to earlier ones; any thread may add one. */
  private volatile @Nullable Node last;

  public void add(Throwable thrown) {
    for (; ; ) {
      Node before = last;
      // An Error is kept beyond the bound.
      Throwable kept = before != null && thrown instanceof Error ? thrown : null;
      Node next =
          before == null
              ? new Node(thrown, null, 1)
              : before.number < KEPT
                  ? new Node(thrown, before, before.number + 1)
                  : new Node(kept == null ? before.thrown : kept, before.before, before.number + 1);
      if (LAST.compareAndSet(this, before, next)) {
        return;
      }
    }
  }

  /** {@return the earliest failure, or null} */
  public @Nullable Throwable first() {
    return inOrder().peekFirst();
  }

  /**
   * {@return the earliest failure that is an Error, with the other Errors suppressed on it; or
   * null}
   */
  public @Nullable Throwable firstError() {
    Throwable first = null;
    for (Throwable thrown : inOrder()) {
      if (first == null && thrown instanceof Error) {
        first = thrown;
      } else if (first != null && thrown instanceof Error) {
        Throwables.suppress(first, thrown);
      }
    }
    return first;
  }

  /** Suppresses all failures on the given one. */
  public void suppressOn(Throwable primary) {
    for (Throwable thrown : inOrder()) {
      Throwables.suppress(primary, thrown);
    }
    suppressDropped(primary);
  }

  private void suppressDropped(Throwable primary) {
    Node node = last;
    if (node != null && node.number > KEPT) {
      Throwables.suppress(
          primary, new ScopeException((node.number - KEPT) + " more failures were left out", null));
    }
  }

  private ArrayDeque<Throwable> inOrder() {
    var all = new ArrayDeque<Throwable>();
    for (Node node = last; node != null; node = node.before) {
      all.addFirst(node.thrown);
    }
    return all;
  }

  /** {@return whether a cancelled task throws this because it was cancelled} */
  public static boolean isConsequence(Throwable thrown) {
    return thrown instanceof InterruptedException
        || thrown instanceof ScopeCancelledException
        || thrown instanceof CancellationException
        || thrown instanceof ClosedByInterruptException;
  }

  /**
   * {@return whether an exception is, or was caused by, the cancellation of the task that threw it}
   */
  public static boolean hasConsequence(Throwable thrown) {
    int looked = 0;
    for (Throwable t = thrown; t != null && looked < 100; t = Throwables.causeOf(t), looked++) {
      if (isConsequence(t) || isInterruptedIo(t)) {
        return true;
      }
    }
    return false;
  }

  /** Excludes subclasses: a SocketTimeoutException means that a timeout has elapsed. */
  private static boolean isInterruptedIo(Throwable thrown) {
    return thrown.getClass() == InterruptedIOException.class
        || (thrown instanceof SocketException && "Closed by interrupt".equals(thrown.getMessage()));
  }

  /**
   * {@return the first InterruptedException of the current thread among an exception and its
   * causes, or null}
   */
  static @Nullable InterruptedException interruptIn(Throwable thrown) {
    int looked = 0;
    for (Throwable t = thrown; t != null && looked < 100; t = Throwables.causeOf(t), looked++) {
      if (t instanceof InterruptedException interrupt) {
        return interrupt;
      }
      if (t instanceof ExecutionException
          || t instanceof CompletionException
          || t instanceof ForkFailedException) {
        return null; // the cause belongs to another thread
      }
    }
    return null;
  }

  /** Keeps what a cancelled task threw, unless that is only its reaction to the cancellation. */
  public void addLate(Throwable thrown) {
    if (!isConsequence(thrown)) {
      add(thrown);
      return;
    }
    for (Throwable suppressed : thrown.getSuppressed()) {
      if (!isConsequence(suppressed)) {
        add(suppressed); // a cleanup that failed while the task was being cancelled
      }
    }
  }
}
