package dev.holdfast.internal.guard;

import dev.holdfast.GuardFullException;
import dev.holdfast.inspect.GuardInfo;
import dev.holdfast.internal.cancel.CancelScope;
import dev.holdfast.internal.cancel.Cancellation;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.telemetry.CounterRegistry;
import dev.holdfast.internal.telemetry.JfrEvents;
import dev.holdfast.internal.util.StackProbe;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The places of a guard, and its policy for a call that finds none free. */
public final class Admission {

  /** What happens to a call when every place is taken. */
  public enum WhenFull {
    REJECT("rejecting"),
    WAIT("waiting up to "),
    SKIP("skipping"),
    QUEUE_ONE("queueing one"),
    CANCEL_PREVIOUS("cancelling the previous");

    private final String words;

    WhenFull(String words) {
      this.words = words;
    }
  }

  private final String guard;
  private final WhenFull whenFull;

  /** How long a call waits; zero if it does not wait, or waits without a limit. */
  private final Duration patience;

  private final AdmissionQueue queue;
  private final @Nullable RateLimit rate;
  private final AtomicLong refused = new AtomicLong();

  // The first use sets the reference, the second the flag.
  private final AtomicReference<@Nullable ThrowawayGuard> usedOnce = new AtomicReference<>();
  private volatile boolean usedAgain;

  public Admission(String guard, int places, WhenFull whenFull, Duration patience) {
    this(guard, places, whenFull, patience, 0);
  }

  private Admission(String guard, int places, WhenFull whenFull, Duration patience, int perSecond) {
    if (whenFull == WhenFull.CANCEL_PREVIOUS && places > 1) {
      throw new IllegalStateException(
          "cancellingPrevious needs a guard with one place; guard '"
              + guard
              + "' would have "
              + places
              + ". Call maxConcurrent(1) first.");
    }
    this.guard = guard;
    this.whenFull = whenFull;
    this.patience = patience;
    this.queue = new AdmissionQueue(places);
    this.rate = perSecond == 0 ? null : new RateLimit(perSecond);
  }

  /** {@return an admission with another policy and the same number of places} */
  public Admission with(WhenFull whenFull, Duration patience) {
    return new Admission(guard, queue.places(), whenFull, patience, rated());
  }

  /** {@return an admission with another number of places} */
  public Admission with(int places) {
    return new Admission(guard, places, whenFull, patience, rated());
  }

  /** {@return an admission with a limit on the calls that begin in any second} */
  public Admission perSecond(int calls) {
    return new Admission(guard, queue.places(), whenFull, patience, calls);
  }

  private int rated() {
    return rate == null ? 0 : rate.perSecond();
  }

  /** {@return another admission with the same settings and places of its own} */
  public Admission copy() {
    return with(queue.places());
  }

  /** {@return whether the call has a place; {@link #leave} must follow} */
  public boolean enter() throws InterruptedException {
    StackProbe.ensureRoom();
    if (!usedAgain) {
      noteUse();
    }
    if (rate == null) {
      return queue.tryEnter() || enterLate();
    }
    long asked = Clock.nanoTime();
    return (queue.tryEnter() || enterLate()) && awaitTurn(rate, asked);
  }

  /**
   * Keeps its place and waits until the rate allows the call to begin, but no longer than the
   * policy lets a call wait for a place.
   */
  private boolean awaitTurn(RateLimit rate, long asked) throws InterruptedException {
    long now = Clock.nanoTime();
    long most =
        switch (whenFull) {
          case REJECT, SKIP -> 0;
          case WAIT -> Math.max(0, patience.toNanos() - (now - asked));
          case QUEUE_ONE, CANCEL_PREVIOUS -> Long.MAX_VALUE;
        };
    RateLimit.Turn turn = rate.take(now, most);
    if (turn == null) {
      queue.leave();
      countRefused();
      return false;
    }
    if (turn.at() - now > 0) {
      boolean waited = false;
      try {
        ThreadScope.enter().await(() -> false, turn.at() - now, new AdmissionQueue.Waiter(guard));
        waited = true;
      } finally {
        if (!waited) {
          rate.giveBack(turn);
          queue.leave();
        }
      }
    }
    return true;
  }

  private void countRefused() {
    refused.getAndIncrement();
    CounterRegistry.ALL.of(guard).refused.increment();
    JfrEvents.refused(guard, queue.inside());
  }

  private void noteUse() {
    ThrowawayGuard first = usedOnce.get();
    if (first == null) {
      var watch = new ThrowawayGuard(this, guard);
      if (usedOnce.compareAndSet(null, watch)) {
        watch.watch();
        return;
      }
      first = usedOnce.get();
    }
    LiveGuards.add(this);
    usedAgain = true;
    if (first != null) {
      first.forget();
    }
  }

  private boolean enterLate() throws InterruptedException {
    CancelScope current = ThreadScope.currentScope();
    if (current != null) {
      current.checkpoint(); // a cancelled task is interrupted whether the guard is full or not
    }
    AdmissionQueue.Entry entry =
        switch (whenFull) {
          case REJECT, SKIP -> AdmissionQueue.Entry.FULL;
          case WAIT -> queue.enter(guard, Integer.MAX_VALUE, patience.toNanos());
          case QUEUE_ONE -> queue.enter(guard, 1, 0);
          case CANCEL_PREVIOUS -> queue.succeed(guard, forLater());
        };
    if (entry == AdmissionQueue.Entry.IN) {
      return true;
    }
    countRefused();
    if (entry == AdmissionQueue.Entry.SUPERSEDED) {
      throw Cancellation.explicit("A call that waited for guard '" + guard + "'", forLater())
          .exception();
    }
    return false;
  }

  GuardInfo info() {
    return new GuardInfo(guard, queue.places(), inside(), waiting(), refused());
  }

  public void leave() {
    queue.leave();
  }

  /** {@return whether {@link #begin} has to be called in the scope of each call} */
  public boolean cancelsPrevious() {
    return whenFull == WhenFull.CANCEL_PREVIOUS;
  }

  /**
   * Publishes the scope so that a later call can cancel it, and cancels it at once if such a call
   * is already waiting.
   */
  public void begin(ScopeImpl scope) throws InterruptedException {
    if (queue.publish(scope)) {
      scope.cancel(forLater());
      scope.checkpoint();
    }
  }

  private String forLater() {
    return "guard '" + guard + "' cancels the previous call for a later one";
  }

  /** {@return whether a call without a result is skipped rather than refused} */
  public boolean skips() {
    return whenFull == WhenFull.SKIP || whenFull == WhenFull.QUEUE_ONE;
  }

  /** {@return the exception for a call that got no place} */
  public GuardFullException full() {
    String rest =
        switch (whenFull) {
          case WAIT ->
              " and none of them ended in the "
                  + patience
                  + " that this call waited. Retry, wait longer, or raise maxConcurrent.";
          case QUEUE_ONE ->
              " and another one waiting. Call run, which returns false instead, or raise"
                  + " maxConcurrent.";
          case SKIP -> ". Call run, which returns false instead, or raise maxConcurrent.";
          default -> ". Retry, allow waiting, or raise maxConcurrent.";
        };
    int places = queue.places();
    return new GuardFullException(
        "Guard '"
            + guard
            + "' is full: "
            + (rate == null ? places : inside())
            + " of "
            + places
            + " calls running"
            + (rate == null ? "" : ", at most " + rated() + " may begin per second")
            + rest,
        guard);
  }

  public int inside() {
    return queue.inside();
  }

  public int waiting() {
    return queue.waiting();
  }

  public long refused() {
    return refused.get();
  }

  /** {@return how full the guard is and what happens when it is} */
  @Override
  public String toString() {
    return inside()
        + " of "
        + queue.places()
        + " inside, "
        + waiting()
        + " waiting, "
        + (rate == null ? "" : "at most " + rated() + " per second, ")
        + whenFull.words
        + (whenFull == WhenFull.WAIT ? patience : "");
  }
}
