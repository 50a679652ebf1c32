package dev.holdfast.internal.combine;

import dev.holdfast.Outcome;
import dev.holdfast.Outcome.Success;
import dev.holdfast.Outcome.Unfinished;
import dev.holdfast.TaskFunction;
import dev.holdfast.channel.Handler;
import dev.holdfast.inspect.WaitInfo;
import dev.holdfast.internal.cancel.Blocker;
import dev.holdfast.internal.cancel.Interrupter;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.scheduling.Wakeups;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.scope.ScopeTask;
import dev.holdfast.internal.scope.ScopeTask.State;
import dev.holdfast.internal.scope.Settings;
import dev.holdfast.internal.scope.Settings.Policy;
import dev.holdfast.internal.util.DiscardedValues;
import dev.holdfast.internal.util.ThreadContext.InterruptFlag;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Applies a function to many items, and passes each result to a handler on the owner's thread in
 * the order in which the results arrive.
 *
 * <p>The limit counts the items that were started and not yet handled. So a slow handler applies
 * backpressure, and results do not accumulate.
 *
 * @param <D> what the handler receives: a result, or an outcome
 */
public final class AsCompleted<T, R extends @Nullable Object, D extends @Nullable Object> {

  /** A result that has arrived; it may be null. */
  private record Arrived(@Nullable Object value) {}

  /**
   * The results of the items, which outlive the scope: those that are left when it ends are handled
   * or discarded after its end.
   */
  private static final class Results {

    private final boolean settling;

    /** The results that were not handled. */
    private final ConcurrentLinkedQueue<Arrived> arrived = new ConcurrentLinkedQueue<>();

    /** All results in the order of the items; used by settle only. */
    private final ResultSlots outcomes = new ResultSlots();

    Results(boolean settling) {
      this.settling = settling;
    }

    /** {@return the values that were not handled} */
    List<@Nullable Object> unhandled() {
      var values = new ArrayList<@Nullable Object>();
      for (Arrived left : arrived) {
        if (!settling) {
          values.add(left.value());
        } else if (left.value() instanceof Success<?, ?> success) {
          values.add(success.value());
        }
      }
      return values;
    }

    /**
     * Passes the unhandled results to the handler after the deadline. If the handler throws,
     * discards the rest.
     */
    <D extends @Nullable Object, X extends Exception> void handleRest(
        Handler<? super D, X> handler, DiscardedValues discarded) throws X, InterruptedException {
      var flag = new InterruptFlag();
      try {
        for (Arrived next; (next = arrived.poll()) != null; ) {
          handler.handle(cast(next.value()));
          flag.take();
        }
      } finally {
        for (Object value : unhandled()) {
          discarded.discardNow(value);
          flag.take();
        }
        flag.restore();
      }
    }
  }

  private final ScopeImpl scope;
  private final Results results;
  private final TaskFunction<? super T, ? extends R, ?> fn;
  private final Handler<? super D, ?> handler;

  private AsCompleted(
      ScopeImpl scope,
      Results results,
      TaskFunction<? super T, ? extends R, ?> fn,
      Handler<? super D, ?> handler) {
    this.scope = scope;
    this.results = results;
    this.fn = ItemTimeout.of(scope.settings(), fn);
    this.handler = handler;
  }

  /** Passes each result to the handler; the first failure ends the call. */
  public static <T, R extends @Nullable Object> void each(
      Settings settings,
      Iterable<? extends T> items,
      TaskFunction<? super T, ? extends R, ?> fn,
      Handler<? super R, ?> handler)
      throws InterruptedException {
    var source = new ItemSource<T>(items);
    var results = new Results(false);
    ScopeImpl.call(
        settings,
        Policy.AGGREGATE,
        fn,
        scope -> new AsCompleted<T, R, R>(scope, results, fn, handler).run(source));
  }

  /** {@return the outcomes in the order of the items; each is passed to the handler first} */
  public static <T, R extends @Nullable Object, X extends Exception> List<Outcome<T, R>> settle(
      Settings settings,
      Iterable<? extends T> items,
      TaskFunction<? super T, ? extends R, ?> fn,
      Handler<? super Outcome<T, R>, X> handler)
      throws X, InterruptedException {
    var source = new ItemSource<T>(items);
    var results = new Results(true);
    ScopeImpl.call(
        settings,
        Policy.SETTLE,
        fn,
        scope -> new AsCompleted<T, R, Outcome<T, R>>(scope, results, fn, handler).run(source));
    var outcomes = new ArrayList<Outcome<T, R>>(results.outcomes.<Outcome<T, R>>toList());
    for (T item; (item = source.rest()) != null; ) {
      var unfinished = new Unfinished<T, R>(item);
      outcomes.add(unfinished);
      results.arrived.add(new Arrived(unfinished));
    }
    results.handleRest(handler, DiscardedValues.of(settings.onDiscarded()));
    return Collections.unmodifiableList(outcomes);
  }

  private @Nullable Void run(ItemSource<T> source) throws Exception {
    scope.discarded().setResult(results::unhandled);
    ConcurrentLinkedQueue<Arrived> arrived = results.arrived;
    int limit = FanOut.limit(scope);
    int open = 0;
    boolean more = true;
    for (; ; ) {
      while (more && open < limit && arrived.isEmpty() && scope.decision() == null) {
        T item = source.next(scope);
        more = item != null;
        if (item != null) {
          scope.start(new Item(scope, item));
          open++;
        }
      }
      if (open == 0 && !more) {
        return null;
      }
      scope
          .threadScope()
          .await(
              () -> !arrived.isEmpty(),
              0,
              new Blocker.Of(WaitInfo.Operation.LIMIT, scope, "the next result"));
      Arrived next = arrived.poll();
      if (next != null) {
        open--;
        handle(cast(next.value()));
      }
    }
  }

  /** Runs user code on the owner's thread, which otherwise waits inside Holdfast. */
  private void handle(D value) throws Exception {
    ThreadScope threadScope = scope.threadScope();
    threadScope.endWait(scope, false);
    try {
      handler.handle(value);
      // If the handler leaves the interrupt flag set, that counts as an interrupt of the caller, so
      // the next call of the handler does not find the flag set.
      threadScope.throwInterrupt("interrupted from outside while handling a result");
    } finally {
      threadScope.beginWait(scope);
    }
  }

  @SuppressWarnings({"unchecked", "NullAway", "TypeParameterUnusedInFormals"}) // only a D arrives
  private static <D extends @Nullable Object> D cast(@Nullable Object value) {
    return (D) value;
  }

  private final class Item extends ScopeTask {

    private final T item;
    private final @Nullable Object @Nullable [] block;
    private final int place;

    Item(ScopeImpl scope, T item) {
      super(scope, null, scope.nextNumber());
      this.item = item;
      if (results.settling) {
        results.outcomes.advance();
        block = results.outcomes.block();
        place = results.outcomes.place();
      } else {
        block = null;
        place = 0;
      }
    }

    @Override
    public @Nullable Object work() throws Exception {
      return fn.apply(item);
    }

    @Override
    @SuppressWarnings({"unchecked", "NullAway"}) // R says whether it may be null
    public void conclude(
        State state, @Nullable Object result, @Nullable Throwable thrown, long elapsedNanos) {
      if (block != null) {
        boolean inTime = state != State.CANCELLED;
        Duration elapsed = Duration.ofNanos(elapsedNanos);
        Outcome<T, R> outcome = FanOut.outcome(item, inTime, (R) result, thrown, elapsed);
        block[place] = outcome;
        arrive(outcome);
      } else if (state == State.SUCCESS) {
        arrive(result);
      }
    }

    private void arrive(@Nullable Object value) {
      results.arrived.add(new Arrived(value));
      Wakeups.unpark(scope.threadScope().thread());
    }

    @Override
    public @Nullable Interrupter failing(Throwable thrown) {
      return results.settling ? null : super.failing(thrown);
    }

    @Override
    public void failed(Throwable thrown, @Nullable Interrupter interrupter) {
      if (results.settling) {
        scope.failures().add(thrown); // in case the scope returns no outcomes
      } else {
        super.failed(thrown, interrupter);
      }
    }

    @Override
    public void failedLate(Throwable thrown) {
      if (!results.settling || thrown instanceof Error) {
        super.failedLate(thrown);
      }
    }
  }
}
