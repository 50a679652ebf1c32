package dev.holdfast.internal.scope;

import dev.holdfast.ForkFailedException;
import dev.holdfast.ScopeException;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.internal.cancel.Cancellation;
import dev.holdfast.internal.cancel.ClosingScope;
import dev.holdfast.internal.cancel.Failures;
import dev.holdfast.internal.scope.Settings.Policy;
import dev.holdfast.internal.util.DeadlineAccess;
import dev.holdfast.internal.util.Throwables;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Selects what the call of a scope returns or throws, once all of its code has ended. */
final class ScopeResult {

  private final ScopeImpl scope;
  private final @Nullable Throwable thrown;

  private ScopeResult(ScopeImpl scope, @Nullable Throwable thrown) {
    this.scope = scope;
    this.thrown = thrown;
  }

  /**
   * {@return the exception to throw, with all other failures suppressed on it; null to return the
   * body's value}
   *
   * @param thrown what the body threw, or null
   */
  static @Nullable Throwable of(ScopeImpl scope, @Nullable Throwable thrown) {
    Cancellation why = scope.cancellation();
    var ending = new ScopeResult(scope, thrown);
    Throwable out = why == null ? thrown : ending.exception(why);
    if (thrown != null && thrown != out) {
      scope.failures().addLate(thrown);
    }
    if (out == null) {
      out = ending.instead();
    } else {
      scope.failures().suppressOn(out);
    }
    if (out != null) {
      scope.failuresToClose().suppressOn(out);
    }
    return out;
  }

  private @Nullable Throwable exception(Cancellation why) {
    return switch (why.kind) {
      case COMPLETED, BODY -> thrown;
      case FAILURE -> failed(why);
      case DEADLINE -> settles() ? null : timedOut(why);
      case INTERRUPT -> thrown instanceof InterruptedException ? thrown : interrupted(why);
      case EXPLICIT -> thrown != null && Failures.isConsequence(thrown) ? why.exception() : thrown;
      // The winners must not be replaced by an exception of the source, or by an interrupt of the
      // owner at the same moment; ScopeEnding keeps the interrupt.
      case WON -> thrown instanceof Exception ? null : thrown;
      case PARENT ->
          // A new exception, not the body's own, because the enclosing scope has to see which
          // interrupt it reports.
          thrown == null || Failures.isConsequence(thrown) ? why.interruption() : thrown;
    };
  }

  /** {@return whether the outcomes are returned although the scope's own deadline has passed} */
  private boolean settles() {
    // A source that throws for another reason, such as a timeout of its own, is a failure.
    return scope.policy() == Policy.SETTLE && (thrown == null || Failures.hasConsequence(thrown));
  }

  private Throwable failed(Cancellation why) {
    Throwable cause = why.cause;
    if (cause == null) {
      throw new AssertionError(why.reason());
    }
    if (scope.policy() == Policy.AGGREGATE) {
      return cause;
    }
    return thrown instanceof ForkFailedException && thrown.getCause() == cause
        ? thrown
        : new ForkFailedException(scope.label() + " was ended because " + why.reason(), cause);
  }

  private ScopeTimeoutException timedOut(Cancellation why) {
    Duration span = DeadlineAccess.span(scope.deadline());
    return new ScopeTimeoutException(
        scope.label()
            + " did not finish within "
            + span
            + Cancellation.stillRunning(why.running)
            + ". Everything in it was cancelled and has ended. Give it more time, or pass"
            + " Scopes.deadline() to the slow calls.",
        scope.name(),
        span,
        why.running);
  }

  private InterruptedException interrupted(Cancellation why) {
    var interrupted =
        new InterruptedException(
            scope.label()
                + " was interrupted from outside; its tasks were cancelled and have ended");
    interrupted.initCause(why.exception());
    return interrupted;
  }

  /**
   * {@return the exception to throw although the body returned a value, or null} Exceptions of
   * cancelled tasks are dropped. An Error, or the exception of a resource that could not be closed,
   * is thrown.
   */
  private @Nullable Throwable instead() {
    Throwable error = scope.failures().firstError();
    if (error != null && (scope.policy() != Policy.BLOCK || scope.isIsolated())) {
      if (scope.policy() != Policy.SETTLE) {
        Throwables.report(Thread.currentThread(), error);
      }
      error = null;
    }
    if (error != null) {
      return error;
    }
    ClosingScope cutOff = scope.ending().cutOff();
    if (cutOff != null) {
      return cutOff(cutOff);
    }
    if (scope.ending().wasInterrupted()) {
      return new InterruptedException(
          scope.label() + " was interrupted from outside while it closed its resources");
    }
    return unchecked(scope.failuresToClose().first());
  }

  /** {@return the exception to throw because a resource was not closed in time} */
  private Throwable cutOff(ClosingScope cutOff) {
    Cancellation why = cutOff.cancellation();
    if (why == null) {
      throw new AssertionError(cutOff.label());
    }
    if (why.kind == Cancellation.Kind.PARENT) {
      return why.interruption();
    }
    if (why.kind != Cancellation.Kind.DEADLINE) {
      return why.exception();
    }
    Duration span = DeadlineAccess.span(scope.deadline());
    return new ScopeTimeoutException(
        scope.label()
            + " did not close "
            + cutOff.what()
            + " within "
            + span
            + ". Its tasks have ended. Give it more time, or close the resource without waiting.",
        scope.name(),
        span,
        List.of());
  }

  private @Nullable Throwable unchecked(@Nullable Throwable failed) {
    return failed == null || failed instanceof RuntimeException || failed instanceof Error
        ? failed
        : new ScopeException(
            scope.label() + " did its work but failed to end: " + Throwables.describe(failed),
            failed);
  }
}
