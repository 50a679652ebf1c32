package dev.holdfast.internal.cancel;

import dev.holdfast.ScopeCancelledException;
import dev.holdfast.ScopeCancelledException.Source;
import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.util.Throwables;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The decision of a scope: a cancellation with its reason, or {@link #COMPLETED}. */
public final class Cancellation {

  public enum Kind {
    COMPLETED(null, "completed"),
    FAILURE(Source.SIBLING_FAILURE, "failed"),
    BODY(Source.SIBLING_FAILURE, "failed"),
    DEADLINE(Source.DEADLINE, "deadline"),
    INTERRUPT(Source.CALLER_INTERRUPT, "interrupted"),
    EXPLICIT(Source.EXPLICIT, "cancelled"),
    WON(Source.EXPLICIT, "cancelled"),
    PARENT(Source.PARENT, "parent");

    final @Nullable Source source;

    /** How a flight recording shows it; programs search for these words. */
    public final String outcome;

    Kind(@Nullable Source source, String outcome) {
      this.source = source;
      this.outcome = outcome;
    }
  }

  /** How many tasks a message names. */
  private static final int NAMED = 3;

  /** The decision of a scope that has completed without being cancelled. */
  public static final Cancellation COMPLETED =
      new Cancellation(Kind.COMPLETED, "", "", null, List.of());

  public final Kind kind;

  /** The scope or task that was cancelled first, as messages name it: "Scope 'orders'". */
  final String who;

  /** The reason in words; {@link #reason()} adds the parts that depend on user code. */
  private final String why;

  public final @Nullable Throwable cause;

  /** The tasks that were running when a deadline passed, with their stacks; otherwise empty. */
  public final List<String> running;

  /** When the scope was decided, by {@link System#nanoTime}. */
  public final long atNanos;

  private Cancellation(
      Kind kind, String who, String why, @Nullable Throwable cause, List<String> running) {
    this(kind, who, why, cause, running, Clock.nanoTime());
  }

  private Cancellation(
      Kind kind,
      String who,
      String why,
      @Nullable Throwable cause,
      List<String> running,
      long atNanos) {
    this.kind = kind;
    this.who = who;
    this.why = why;
    this.cause = cause;
    this.running = running;
    this.atNanos = atNanos;
  }

  public static Cancellation failure(CancelScope scope, String task, Throwable thrown) {
    return new Cancellation(Kind.FAILURE, scope.label(), task + " failed: ", thrown, List.of());
  }

  public static Cancellation body(CancelScope scope, Throwable thrown) {
    return new Cancellation(Kind.BODY, scope.label(), "its body failed: ", thrown, List.of());
  }

  public static Cancellation interrupt(CancelScope scope, InterruptedException thrown) {
    return new Cancellation(
        Kind.INTERRUPT,
        scope.label(),
        "its thread was interrupted from outside",
        thrown,
        List.of());
  }

  public static Cancellation deadline(String who, Duration span, List<String> running) {
    return new Cancellation(Kind.DEADLINE, who, "its deadline passed after " + span, null, running);
  }

  public static Cancellation explicit(String who, String reason) {
    return new Cancellation(Kind.EXPLICIT, who, reason, null, List.of());
  }

  /**
   * {@return the cancellation of what still runs in a scope in which enough tasks have succeeded}
   */
  public static Cancellation won(CancelScope scope) {
    return new Cancellation(Kind.WON, scope.label(), "the winners were found", null, List.of());
  }

  /** {@return the same cancellation, as the scopes opened in a cancelled task see it} */
  public Cancellation inherited() {
    return kind == Kind.PARENT
        ? this
        : new Cancellation(Kind.PARENT, who, why, cause, List.of(), atNanos);
  }

  /** {@return the first tasks that were still running, as the end of a sentence; may be empty} */
  public static String stillRunning(List<String> running) {
    if (running.isEmpty()) {
      return "";
    }
    int more = running.size() - NAMED;
    return "; still running: "
        + running.stream()
            .limit(NAMED)
            .map(task -> task.lines().findFirst().orElse(""))
            .collect(Collectors.joining("; "))
        + (more > 0 ? "; and " + more + " more" : "");
  }

  public String reason() {
    return why.endsWith(": ") && cause != null ? why + Throwables.describe(cause) : why;
  }

  public ScopeCancelledException exception() {
    Source source = kind.source == null ? Source.EXPLICIT : kind.source;
    return new ScopeCancelledException(
        who + " was cancelled: " + reason(), source, reason(), cause);
  }

  /** {@return the exception of an operation that a cancelled thread enters or is blocked in} */
  public InterruptedException interruption() {
    var interruption = new InterruptedException(who + " was cancelled: " + reason());
    interruption.initCause(exception());
    return interruption;
  }
}
