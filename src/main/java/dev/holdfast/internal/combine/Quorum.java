package dev.holdfast.internal.combine;

import dev.holdfast.TaskFunction;
import dev.holdfast.inspect.WaitInfo;
import dev.holdfast.internal.cancel.Blocker;
import dev.holdfast.internal.cancel.Cancellation;
import dev.holdfast.internal.cancel.Interrupter;
import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.clock.Simulator;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.scope.ScopeTask;
import dev.holdfast.internal.scope.ScopeTask.State;
import dev.holdfast.internal.scope.Settings;
import dev.holdfast.internal.scope.Settings.Policy;
import dev.holdfast.internal.util.BargingLock;
import dev.holdfast.internal.util.Checks;
import dev.holdfast.internal.util.Throwables;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A quorum: the first contenders to succeed win. With one winner it is a race. */
public final class Quorum<T, R extends @Nullable Object> {

  /** The results of the winners, which the call returns after its scope has ended. */
  private static final class Winners {

    private final int needed;
    private final BargingLock lock = new BargingLock();

    /** In the order in which they arrived; guarded by the lock until all contenders have ended. */
    private final List<@Nullable Object> results = new ArrayList<>();

    private volatile boolean complete;

    Winners(int needed) {
      this.needed = needed;
    }

    boolean areComplete() {
      return complete;
    }

    /** {@return the number of winners including this one, 0 if it came too late} */
    int add(@Nullable Object result) {
      lock.lock();
      try {
        if (complete) {
          return 0;
        }
        results.add(result);
        complete = results.size() == needed;
        return results.size();
      } finally {
        lock.unlock();
      }
    }

    @SuppressWarnings("unchecked")
    <R extends @Nullable Object> List<R> results() {
      return (List<R>) Collections.unmodifiableList(results);
    }
  }

  private final ScopeImpl scope;
  private final Winners winners;
  private final int needed;
  private final TaskFunction<? super T, ? extends R, ?> fn;
  private final AtomicInteger failures = new AtomicInteger();

  /** The number of failures for which another contender was started. */
  private int replaced;

  private Quorum(ScopeImpl scope, Winners winners, TaskFunction<? super T, ? extends R, ?> fn) {
    this.scope = scope;
    this.winners = winners;
    this.needed = winners.needed;
    this.fn = ItemTimeout.of(scope.settings(), fn);
  }

  public static <T, R extends @Nullable Object> List<R> of(
      Settings settings,
      int needed,
      Iterable<? extends T> items,
      TaskFunction<? super T, ? extends R, ?> fn)
      throws InterruptedException {
    var source = new ItemSource<T>(items);
    if (source.size() < needed) {
      throw tooFew(source.size(), needed);
    }
    var winners = new Winners(needed);
    ScopeImpl.call(
        settings, Policy.RACE, fn, scope -> new Quorum<T, R>(scope, winners, fn).run(source));
    return winners.results(); // even if an interrupt came with the last winner
  }

  private static IllegalArgumentException tooFew(int given, int needed) {
    return new IllegalArgumentException(
        "items has "
            + given
            + (given == 1 ? " element, but " : " elements, but ")
            + needed
            + " must succeed");
  }

  private @Nullable Void run(ItemSource<T> source) throws InterruptedException {
    scope.discarded().setResult(winners::results);
    int limit = FanOut.limit(scope);
    long hedge = scope.settings().hedgeNanos();
    for (; ; ) {
      if (hedge > 0 && scope.forked() >= needed) {
        awaitFailureOr(hedge);
      }
      scope.awaitSlot(limit);
      T item = scope.decision() == null ? source.next(scope) : null;
      if (item == null) {
        break;
      }
      scope.start(new Contender(scope, item));
    }
    if (scope.decision() == null && scope.forked() < needed) {
      throw tooFew(scope.forked(), needed);
    }
    // Each contender that fails may make the quorum impossible.
    for (int ended = scope.ended(); !winners.areComplete(); ended++) {
      ended = Math.max(ended, scope.ended());
      if (scope.forked() - failures.get() < needed && scope.failures().first() != null) {
        throw lost();
      }
      scope.awaitEnded(
          ended + 1,
          0,
          new Blocker.Of(WaitInfo.Operation.LIMIT, scope, "the contenders of " + scope.label()));
    }
    return null;
  }

  /** Waits until a failed contender needs a replacement, or the delay has passed. */
  private void awaitFailureOr(long nanos) throws InterruptedException {
    long until = Clock.nanoTime() + nanos;
    for (; ; ) {
      int ended =
          scope.ended(); // read before the failures, because a contender first fails and then ends
      if (replaced < failures.get()) {
        replaced++;
        return;
      }
      long left = until - Clock.nanoTime();
      if (left <= 0) {
        return;
      }
      scope.awaitEnded(ended + 1, left, "the next contender of " + scope.label());
    }
  }

  private RuntimeException lost() {
    return Throwables.sneaky(Checks.given(scope.failures().first(), "first failure"));
  }

  private final class Contender extends ScopeTask {

    private final T item;

    Contender(ScopeImpl scope, T item) {
      super(scope, null, scope.nextNumber());
      this.item = item;
    }

    @Override
    public @Nullable Object work() throws Exception {
      return fn.apply(item);
    }

    @Override
    public void conclude(
        State state, @Nullable Object result, @Nullable Throwable thrown, long elapsedNanos) {
      if (state == State.SUCCESS) {
        int place = winners.add(result);
        if (place == needed) {
          Simulator.point("cancel", scope);
          scope.cancel(Cancellation.won(scope));
        } else if (place == 0) {
          scope.discarded().add(result);
        }
      }
    }

    @Override
    public @Nullable Interrupter failing(Throwable thrown) {
      return null;
    }

    @Override
    public void failed(Throwable thrown, @Nullable Interrupter interrupter) {
      scope.failures().add(thrown);
      failures.incrementAndGet();
    }
  }
}
