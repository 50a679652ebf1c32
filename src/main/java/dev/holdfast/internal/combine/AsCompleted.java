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

  private ScopeImpl scope;
  private final TaskFunction<? super T, ? extends R, ?> fn;
  private final Handler<? super D, ?> handler;
  private final boolean settling;
  private final ConcurrentLinkedQueue<Arrived> arrived = new ConcurrentLinkedQueue<>();
  private final ResultSlots outcomes = new ResultSlots();

  @SuppressWarnings("NullAway.Init") // start() sets the scope
  private AsCompleted(
      Settings settings,
      TaskFunction<? super T, ? extends R, ?> fn,
      Handler<? super D, ?> handler,
      boolean settling) {
    this.fn = ItemTimeout.of(settings, fn);
    this.handler = handler;
    this.settling = settling;
  }

  /** Passes each result to the handler; the first failure ends the call. */
  public static <T, R extends @Nullable Object> void each(
      Settings settings,
      Iterable<? extends T> items,
      TaskFunction<? super T, ? extends R, ?> fn,
      Handler<? super R, ?> handler)
      throws InterruptedException {
    var source = new ItemSource<T>(items);
    var run = new AsCompleted<T, R, R>(settings, fn, handler, false);
    ScopeImpl.call(settings, Policy.AGGREGATE, fn, scope -> run.start(scope, source));
  }

  /** {@return the outcomes in the order of the items; each is passed to the handler first} */
  public static <T, R extends @Nullable Object, X extends Exception> List<Outcome<T, R>> settle(
      Settings settings,
      Iterable<? extends T> items,
      TaskFunction<? super T, ? extends R, ?> fn,
      Handler<? super Outcome<T, R>, X> handler)
      throws X, InterruptedException {
    var source = new ItemSource<T>(items);
    var run = new AsCompleted<T, R, Outcome<T, R>>(settings, fn, handler, true);
    ScopeImpl.call(settings, Policy.SETTLE, fn, scope -> run.start(scope, source));
    var outcomes = new ArrayList<Outcome<T, R>>(run.outcomes.<Outcome<T, R>>toList());
    for (T item; (item = source.rest()) != null; ) {
      var unfinished = new Unfinished<T, R>(item);
      outcomes.add(unfinished);
      run.arrived.add(new Arrived(unfinished));
    }
    run.handleRest(handler);
    return Collections.unmodifiableList(outcomes);
  }

  /**
   * Passes the unhandled results to the handler after the deadline. If the handler throws, discards
   * the rest.
   */
  private <X extends Exception> void handleRest(Handler<? super D, X> handler)
      throws X, InterruptedException {
    var flag = new InterruptFlag();
    try {
      for (Arrived next; (next = arrived.poll()) != null; ) {
        handler.handle(cast(next.value()));
        flag.take();
      }
    } finally {
      for (Object value : unhandled()) {
        scope.discarded().discardNow(value);
        flag.take();
      }
      flag.restore();
    }
  }

  private @Nullable Void start(ScopeImpl opened, ItemSource<T> source) throws Exception {
    scope = opened;
    scope.discarded().setResult(this::unhandled);
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
      // An interrupt flag that it leaves counts as an interrupt of the caller: no other handler
      // gets it.
      threadScope.throwInterrupt("interrupted from outside while handling a result");
    } finally {
      threadScope.beginWait(scope);
    }
  }

  @SuppressWarnings({"unchecked", "NullAway", "TypeParameterUnusedInFormals"}) // only a D arrives
  private static <D extends @Nullable Object> D cast(@Nullable Object value) {
    return (D) value;
  }

  private List<@Nullable Object> unhandled() {
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

  private final class Item extends ScopeTask {

    private final T item;
    private final @Nullable Object @Nullable [] block;
    private final int place;

    Item(ScopeImpl scope, T item) {
      super(scope, null, scope.nextNumber());
      this.item = item;
      if (settling) {
        outcomes.advance();
        block = outcomes.block();
        place = outcomes.place();
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
      arrived.add(new Arrived(value));
      Wakeups.unpark(scope.threadScope().thread());
    }

    @Override
    public @Nullable Interrupter failing(Throwable thrown) {
      return settling ? null : super.failing(thrown);
    }

    @Override
    public void failed(Throwable thrown, @Nullable Interrupter interrupter) {
      if (settling) {
        scope.failures().add(thrown); // in case the scope returns no outcomes
      } else {
        super.failed(thrown, interrupter);
      }
    }

    @Override
    public void failedLate(Throwable thrown) {
      if (!settling || thrown instanceof Error) {
        super.failedLate(thrown);
      }
    }
  }
}
