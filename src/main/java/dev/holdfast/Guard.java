package dev.holdfast;

import dev.holdfast.internal.cancel.CancelScope;
import dev.holdfast.internal.cancel.Cancellation;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.guard.AdmissionQueue;
import dev.holdfast.internal.telemetry.CounterRegistry;
import dev.holdfast.internal.telemetry.JfrEvents;
import dev.holdfast.internal.util.Checks;
import dev.holdfast.internal.util.StackProbe;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A limit at the door: how many may be inside at once, what becomes of the others, and a time-out
 * for whoever brings none. For what the outside world starts: HTTP handlers, periodic jobs.
 *
 * {@snippet class="dev.holdfast.doc.GuardPatterns" region="guard"}
 *
 * <p>A guard has places. A call takes one, opens a scope named after the guard on the calling
 * thread, and gives the place back when everything in the scope has ended, whichever way it ends.
 * What becomes of a call when every place is taken:
 *
 * <ul>
 *   <li>{@link #rejecting()}, the default: it throws {@link GuardFullException};
 *   <li>{@link #waitingUpTo}: it waits for a place, first come, first served, and throws that when
 *       it has waited in vain;
 *   <li>{@link #skipping()}: {@link #run} returns {@code false};
 *   <li>{@link #queueingOne()}: one call waits, further ones are skipped;
 *   <li>{@link #cancellingPrevious()}: the call that runs is cancelled and waited for.
 * </ul>
 *
 * <p>The settings of a guard never change. Each method that says what it is to be like returns
 * another guard, with places of its own: keep one in a {@code static final} field, and use it from
 * any thread. A guard that nobody refers to is garbage; there is nothing to close.
 *
 * <p>A guard is not reentrant: a call inside a call takes a second place.
 *
 * @since 0.1
 */
public final class Guard {

  private enum WhenFull {
    REJECT("rejecting"),
    WAIT("waiting up to "),
    SKIP("skipping"),
    QUEUE("queueing one"),
    CANCEL("cancelling the previous");

    final String words;

    WhenFull(String words) {
      this.words = words;
    }
  }

  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

  private final String name;
  private final WhenFull whenFull;

  /** How long to wait when full; zero if it does not wait, or as long as it takes. */
  private final Duration patience;

  private final Duration timeout;
  private final ScopeSpec plain;
  private final ScopeSpec timed;
  private final AdmissionQueue gate;
  private final AtomicLong refused = new AtomicLong();

  private Guard(String name, int places, WhenFull whenFull, Duration patience, Duration timeout) {
    this.name = name;
    this.whenFull = whenFull;
    this.patience = patience;
    this.timeout = timeout;
    this.plain = Scopes.named(name);
    this.timed = plain.timeout(timeout);
    this.gate = new AdmissionQueue(places);
  }

  /**
   * {@return a guard with {@link ScopeSpec#DEFAULT_LIMIT} places that rejects when they are taken,
   * and a time-out of ten seconds}
   *
   * @param name what to call it, and the scopes it opens
   * @throws IllegalArgumentException if {@code name} is blank
   * @throws NullPointerException if {@code name} is {@code null}
   */
  public static Guard named(String name) {
    return new Guard(
        Checks.name(name),
        ScopeSpec.DEFAULT_LIMIT,
        WhenFull.REJECT,
        Duration.ZERO,
        DEFAULT_TIMEOUT);
  }

  /**
   * Says how many calls may be inside at once.
   *
   * @param places at least 1
   * @return another guard
   * @throws IllegalArgumentException if {@code places} is less than 1
   * @throws IllegalStateException if this is {@link #cancellingPrevious} and {@code places} is more
   *     than 1
   */
  public Guard maxConcurrent(int places) {
    Checks.atLeastOne(places, "places");
    return with(places, whenFull, patience);
  }

  /**
   * Makes a call that finds every place taken throw {@link GuardFullException} at once.
   *
   * @return another guard
   */
  public Guard rejecting() {
    return with(gate.places(), WhenFull.REJECT, Duration.ZERO);
  }

  /**
   * Makes a call that finds every place taken wait for one. Who waits longest is next. A call that
   * has waited in vain throws {@link GuardFullException}. There is no limit to how many wait.
   *
   * @param patience for how long, more than zero
   * @return another guard
   * @throws IllegalArgumentException if {@code patience} is zero, negative or more than
   *     2<sup>31</sup>-1 seconds
   * @throws NullPointerException if {@code patience} is {@code null}
   */
  public Guard waitingUpTo(Duration patience) {
    return with(gate.places(), WhenFull.WAIT, Checks.positive(patience, "patience"));
  }

  /**
   * Makes {@link #run} return {@code false} when every place is taken, and {@link #call} throw
   * {@link GuardFullException}.
   *
   * @return another guard
   */
  public Guard skipping() {
    return with(gate.places(), WhenFull.SKIP, Duration.ZERO);
  }

  /**
   * Makes a call that finds every place taken wait for one, as long as it takes, unless another
   * waits already: then it is skipped, as with {@link #skipping}. What has changed while a job ran
   * is then seen by exactly one more run.
   *
   * @return another guard
   */
  public Guard queueingOne() {
    return with(gate.places(), WhenFull.QUEUE, Duration.ZERO);
  }

  /**
   * Makes a call cancel the one that is inside, wait until that has ended, and run. Who called the
   * other gets {@link ScopeCancelledException}; so does a call that still waits when the next one
   * comes.
   *
   * @return another guard
   * @throws IllegalStateException if there are more places than one
   */
  public Guard cancellingPrevious() {
    return with(gate.places(), WhenFull.CANCEL, Duration.ZERO);
  }

  /**
   * Sets the time for a call that has none: the scope gets this time-out if {@link
   * Scopes#deadline()} is {@link Deadline#NONE} at the call. The time spent waiting for a place
   * does not count. The default is ten seconds.
   *
   * @param timeout more than zero, at most 2<sup>31</sup>-1 seconds
   * @return another guard
   * @throws IllegalArgumentException if {@code timeout} is zero, negative or longer than that
   * @throws NullPointerException if {@code timeout} is {@code null}
   */
  public Guard timeout(Duration timeout) {
    return new Guard(name, gate.places(), whenFull, patience, Checks.positive(timeout, "timeout"));
  }

  private Guard with(int places, WhenFull whenFull, Duration patience) {
    if (whenFull == WhenFull.CANCEL && places > 1) {
      throw new IllegalStateException(
          "cancellingPrevious is for a guard with one place, guard '"
              + name
              + "' would have "
              + places
              + "; say maxConcurrent(1) first");
    }
    return new Guard(name, places, whenFull, patience, timeout);
  }

  /**
   * Runs a body in a scope of its own if there is a place, and returns its value; see {@link
   * ScopeSpec#call}.
   *
   * @param <R> the type of the value
   * @param <X> the checked exception the body may throw
   * @param body what to run, on the calling thread
   * @return the body's value
   * @throws X if the body throws it
   * @throws GuardFullException if it was not let in
   * @throws ForkFailedException if a fork fails
   * @throws ScopeTimeoutException if the time-out passes
   * @throws ScopeCancelledException if {@link Scope#cancel} cut off the body, or a later call did
   * @throws ScopeException if a resource cannot be closed
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled,
   *     also while it waits for a place
   * @throws NullPointerException if {@code body} is {@code null}
   */
  public <R extends @Nullable Object, X extends Exception> R call(ScopeBody<R, X> body)
      throws X, InterruptedException {
    Checks.given(body, "body");
    StackProbe.ensureRoom();
    if (!gate.tryEnter() && !enterLate()) {
      throw full();
    }
    try {
      return whenFull == WhenFull.CANCEL
          ? spec()
              .<R, X>call(scope -> {
                publish(scope);
                return body.run(scope);
              })
          : spec().call(body);
    } finally {
      gate.leave();
    }
  }

  /**
   * Runs a body without a value in a scope of its own if there is a place; see {@link
   * ScopeSpec#run}.
   *
   * @param <X> the checked exception the body may throw
   * @param body what to run, on the calling thread
   * @return {@code true} when it has run, {@code false} if it was skipped
   * @throws X if the body throws it
   * @throws GuardFullException if it was not let in by a guard that is {@link #rejecting} or
   *     {@linkplain #waitingUpTo waiting}
   * @throws ForkFailedException if a fork fails
   * @throws ScopeTimeoutException if the time-out passes
   * @throws ScopeCancelledException if {@link Scope#cancel} cut off the body, or a later call did
   * @throws ScopeException if a resource cannot be closed
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled,
   *     also while it waits for a place
   * @throws NullPointerException if {@code body} is {@code null}
   */
  public <X extends Exception> boolean run(ScopeAction<X> body) throws X, InterruptedException {
    Checks.given(body, "body");
    StackProbe.ensureRoom();
    if (!gate.tryEnter() && !enterLate()) {
      if (whenFull == WhenFull.SKIP || whenFull == WhenFull.QUEUE) {
        return false;
      }
      throw full();
    }
    try {
      if (whenFull == WhenFull.CANCEL) {
        spec()
            .<X>run(scope -> {
              publish(scope);
              body.run(scope);
            });
      } else {
        spec().run(body);
      }
      return true;
    } finally {
      gate.leave();
    }
  }

  private ScopeSpec spec() {
    return Scopes.deadline() == Deadline.NONE ? timed : plain;
  }

  /** Has a later call find the scope to cancel; ends here if there is such a call already. */
  private void publish(Scope scope) throws InterruptedException {
    if (gate.publish(scope.impl())) {
      scope.cancel(forLater());
      Scopes.checkpoint();
    }
  }

  private String forLater() {
    return "guard '" + name + "' cancels the previous call for a later one";
  }

  /** {@return whether there is a place after all} */
  private boolean enterLate() throws InterruptedException {
    CancelScope frame = ThreadScope.currentFrame();
    if (frame != null) {
      frame.checkpoint(); // a cancelled task is told so, full or not
    }
    AdmissionQueue.Entry entry =
        switch (whenFull) {
          case REJECT, SKIP -> AdmissionQueue.Entry.FULL;
          case WAIT -> gate.enter(name, Integer.MAX_VALUE, patience.toNanos());
          case QUEUE -> gate.enter(name, 1, 0);
          case CANCEL -> gate.succeed(name, forLater());
        };
    if (entry == AdmissionQueue.Entry.IN) {
      return true;
    }
    refused.getAndIncrement();
    CounterRegistry.ALL.of(name).refused.increment();
    JfrEvents.refused(name, gate.inside());
    if (entry == AdmissionQueue.Entry.SUPERSEDED) {
      throw Cancellation.explicit("A call that waited for guard '" + name + "'", forLater())
          .exception();
    }
    return false;
  }

  private GuardFullException full() {
    String instead =
        switch (whenFull) {
          case WAIT -> " for the " + patience + " it waited. Try again later, or";
          case QUEUE -> " and another call waits. Use run, which tells that it was skipped, or";
          case SKIP -> ". Use run, which tells that it was skipped, or";
          default -> ". Try again later, have it wait with waitingUpTo, or";
        };
    return new GuardFullException(
        "Guard '"
            + name
            + "' did not let a call in: "
            + gate.places()
            + " are inside, as many as may be"
            + instead
            + " raise maxConcurrent.",
        name);
  }

  /** {@return the name of the guard} */
  public String name() {
    return name;
  }

  /** {@return how many calls are inside at this moment} */
  public int inside() {
    return gate.inside();
  }

  /** {@return how many calls wait for a place at this moment} */
  public int waiting() {
    return gate.waiting();
  }

  /** {@return how many calls were not let in so far; those interrupted while waiting are not} */
  public long refused() {
    return refused.get();
  }

  /** {@return the name, the settings and how full it is} */
  @Override
  public String toString() {
    return "Guard["
        + name
        + ", "
        + inside()
        + " of "
        + gate.places()
        + " inside, "
        + waiting()
        + " waiting, "
        + whenFull.words
        + (whenFull == WhenFull.WAIT ? patience : "")
        + ", timeout "
        + timeout
        + "]";
  }
}
