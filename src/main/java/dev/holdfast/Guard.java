package dev.holdfast;

import dev.holdfast.internal.guard.Admission;
import dev.holdfast.internal.guard.Admission.WhenFull;
import dev.holdfast.internal.util.Checks;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A bulkhead: it limits how many calls run concurrently, and gives each call a timeout. Use it for
 * work that comes from outside: HTTP requests, messages, periodic jobs.
 *
 * {@snippet class="dev.holdfast.doc.GuardPatterns" region="guard"}
 *
 * <p>A guard has places. A call takes a place, opens a scope named after the guard on the calling
 * thread, and returns the place when everything in the scope has ended. When every place is taken:
 *
 * <ul>
 *   <li>{@link #rejecting()}, the default: the call throws {@link GuardFullException};
 *   <li>{@link #waitingUpTo}: the call waits for a place, and throws that exception if it gets
 *       none;
 *   <li>{@link #skipping()}: {@link #run} returns {@code false};
 *   <li>{@link #queueingOne()}: one call waits, further calls are skipped;
 *   <li>{@link #cancellingPrevious()}: the running call is cancelled, and the new one runs next.
 * </ul>
 *
 * <p>A guard is immutable: each method that changes a setting returns another guard, with places of
 * its own. Keep the guard in a {@code static final} field; any thread may use it. A guard that is
 * created for a single call limits nothing. There is nothing to close.
 *
 * <p>A guard is not reentrant: a call inside a call takes a second place.
 *
 * @since 0.1
 */
public final class Guard {

  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);
  private static final int MOST_PER_SECOND = 100_000;

  private final String name;
  private final Admission admission;

  /** The scope of a call without a deadline around it. */
  private final ScopeSpec outermost;

  /** The scope of a call with a deadline around it. */
  private final ScopeSpec nested;

  private Guard(Admission admission, String name, ScopeSpec outermost, ScopeSpec nested) {
    this.name = name;
    this.admission = admission;
    this.outermost = outermost;
    this.nested = nested;
  }

  private Guard with(Admission changed) {
    return new Guard(changed, name, outermost, nested);
  }

  /**
   * {@return a guard with {@link ScopeSpec#DEFAULT_LIMIT} places that rejects calls when it is
   * full, with a default timeout of ten seconds}
   *
   * <p>The default timeout applies to calls that have no other deadline: if {@link
   * Scopes#deadline()} is not {@link Deadline#NONE} at the call, only that deadline applies.
   *
   * @param name the name of the guard and of the scopes it opens
   * @throws IllegalArgumentException if {@code name} is blank
   */
  public static Guard named(String name) {
    ScopeSpec spec = Scopes.named(name);
    return new Guard(
        new Admission(name, ScopeSpec.DEFAULT_LIMIT, WhenFull.REJECT, Duration.ZERO),
        name,
        spec.timeout(DEFAULT_TIMEOUT),
        spec);
  }

  /**
   * Sets how many calls may run concurrently.
   *
   * @param places the number of places, at least 1
   * @return another guard
   * @throws IllegalArgumentException if {@code places} is less than 1
   * @throws IllegalStateException if this guard is {@link #cancellingPrevious} and {@code places}
   *     is more than 1
   */
  public Guard maxConcurrent(int places) {
    return with(admission.with(Checks.atLeastOne(places, "places")));
  }

  /**
   * Sets how many calls may begin in any second. A call beyond that number finds the guard full,
   * even if a place is free. If that call waits, it occupies a place in the meantime.
   *
   * @param calls the number of calls, between 1 and 100 000
   * @return another guard
   * @throws IllegalArgumentException if {@code calls} is less than 1 or more than 100 000
   */
  public Guard perSecond(int calls) {
    if (Checks.atLeastOne(calls, "calls") > MOST_PER_SECOND) {
      throw new IllegalArgumentException(
          "calls must be at most " + MOST_PER_SECOND + ", was " + calls);
    }
    return with(admission.perSecond(calls));
  }

  /**
   * Makes a call throw {@link GuardFullException} at once when the guard is full.
   *
   * @return another guard
   */
  public Guard rejecting() {
    return with(admission.with(WhenFull.REJECT, Duration.ZERO));
  }

  /**
   * Makes a call wait for a place when the guard is full, in the order of arrival. A call that gets
   * none in this time throws {@link GuardFullException}. Any number of calls may wait.
   *
   * @param patience how long to wait, more than zero, at most 2<sup>31</sup>-1 seconds
   * @return another guard
   * @throws IllegalArgumentException if {@code patience} is zero, negative or longer than the
   *     longest timeout
   */
  public Guard waitingUpTo(Duration patience) {
    return with(admission.with(WhenFull.WAIT, Checks.positive(patience, "patience")));
  }

  /**
   * Makes {@link #run} return {@code false} when the guard is full, and {@link #call} throw {@link
   * GuardFullException}.
   *
   * @return another guard
   */
  public Guard skipping() {
    return with(admission.with(WhenFull.SKIP, Duration.ZERO));
  }

  /**
   * Makes a call wait, without a time limit, when the guard is full. If another call waits already,
   * the new call is skipped, as with {@link #skipping}. So if data changes while a job runs, the
   * job runs once more.
   *
   * @return another guard
   */
  public Guard queueingOne() {
    return with(admission.with(WhenFull.QUEUE_ONE, Duration.ZERO));
  }

  /**
   * Makes a call cancel the running call, wait until that call has ended, and then run. The
   * cancelled call throws {@link ScopeCancelledException}; so does a call that still waits when
   * another one arrives.
   *
   * @return another guard
   * @throws IllegalStateException if the guard has more than one place
   */
  public Guard cancellingPrevious() {
    return with(admission.with(WhenFull.CANCEL_PREVIOUS, Duration.ZERO));
  }

  /**
   * Sets the timeout of each call. The timeout starts when the call gets its place. If there is a
   * deadline around the call, the earlier of the two applies.
   *
   * @param timeout the timeout, more than zero, at most 2<sup>31</sup>-1 seconds
   * @return another guard
   * @throws IllegalArgumentException if {@code timeout} is zero, negative or longer than the
   *     longest timeout
   */
  public Guard timeout(Duration timeout) {
    ScopeSpec spec = Scopes.named(name).timeout(timeout);
    return new Guard(admission.copy(), name, spec, spec);
  }

  /**
   * Removes the timeout, including the default one. A deadline around the call still applies.
   *
   * @return another guard
   */
  public Guard noTimeout() {
    ScopeSpec spec = Scopes.named(name);
    return new Guard(admission.copy(), name, spec, spec);
  }

  /**
   * Runs a body in a scope of its own if there is a place, and returns its value.
   *
   * <p>This method blocks like {@link Scopes#call}, and follows the same rules. What a call did
   * happens-before every call that gets a place later.
   *
   * @param <R> the type of the value
   * @param <X> the checked exception the body may throw
   * @param body the code to run, on the calling thread
   * @return the body's value
   * @throws X if the body throws it
   * @throws GuardFullException if the call got no place; the body has not run
   * @throws ForkFailedException if a fork or worker fails
   * @throws ScopeTimeoutException if the timeout passes
   * @throws ScopeCancelledException if {@link Scope#cancel} or a later call interrupted the body
   * @throws ScopeException if a resource cannot be closed
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled,
   *     even while it waits for a place
   */
  public <R extends @Nullable Object, X extends Exception> R call(ScopeBody<R, X> body)
      throws X, InterruptedException {
    Checks.given(body, "body");
    if (!admission.enter()) {
      throw admission.full();
    }
    try {
      return admission.cancelsPrevious()
          ? spec()
              .<R, X>call(scope -> {
                admission.begin(scope.impl);
                return body.run(scope);
              })
          : spec().call(body);
    } finally {
      admission.leave();
    }
  }

  /**
   * Runs a body without a value in a scope of its own if there is a place. In all other respects
   * this method is like {@link #call}.
   *
   * @param <X> the checked exception the body may throw
   * @param body the code to run, on the calling thread
   * @return {@code true} if it has run, {@code false} if it was skipped
   * @throws X if the body throws it
   * @throws GuardFullException if the call got no place and the guard is {@link #rejecting} or
   *     {@linkplain #waitingUpTo waiting}; the body has not run
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled,
   *     even while it waits for a place
   */
  public <X extends Exception> boolean run(ScopeAction<X> body) throws X, InterruptedException {
    Checks.given(body, "body");
    if (!admission.enter()) {
      if (admission.skips()) {
        return false;
      }
      throw admission.full();
    }
    try {
      if (admission.cancelsPrevious()) {
        spec()
            .<X>run(scope -> {
              admission.begin(scope.impl);
              body.run(scope);
            });
      } else {
        spec().run(body);
      }
      return true;
    } finally {
      admission.leave();
    }
  }

  private ScopeSpec spec() {
    return Scopes.deadline() == Deadline.NONE ? outermost : nested;
  }

  /** {@return the name of the guard} */
  public String name() {
    return name;
  }

  /** {@return how many calls run at this moment} */
  public int inside() {
    return admission.inside();
  }

  /** {@return how many calls wait for a place at this moment} */
  public int waiting() {
    return admission.waiting();
  }

  /**
   * {@return how many calls were rejected or skipped so far, not counting those interrupted while
   * they waited}
   */
  public long refused() {
    return admission.refused();
  }

  /** {@return the name, the settings, and how full the guard is} */
  @Override
  public String toString() {
    Duration timeout = outermost.settings.timeout();
    return "Guard["
        + name
        + ", "
        + admission
        + (timeout == null ? ", no timeout" : ", timeout " + timeout)
        + "]";
  }
}
