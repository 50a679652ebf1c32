package dev.holdfast.internal.combine;

import dev.holdfast.Outcome;
import dev.holdfast.Outcome.Failure;
import dev.holdfast.Outcome.Success;
import dev.holdfast.Outcome.Unfinished;
import dev.holdfast.Task;
import dev.holdfast.TaskAction;
import dev.holdfast.TaskFunction;
import dev.holdfast.channel.Handler;
import dev.holdfast.internal.cancel.Interrupter;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.scope.ScopeTask;
import dev.holdfast.internal.scope.ScopeTask.State;
import dev.holdfast.internal.scope.Settings;
import dev.holdfast.internal.scope.Settings.Policy;
import dev.holdfast.internal.util.Checks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The combinators that apply one function to many items and keep every result: fan-out and settle.
 */
public final class FanOut {

  private FanOut() {}

  /** The results of tasks with different types. */
  public record Results(List<@Nullable Object> all) {

    /** {@return the result of a task; the caller knows its type} */
    @SuppressWarnings({"unchecked", "NullAway", "TypeParameterUnusedInFormals"})
    public <V extends @Nullable Object> V at(int task) {
      return (V) all.get(task);
    }
  }

  /** {@return the results of tasks with different types, for {@code join} to combine} */
  public static <X extends Exception> Results tasks(
      Settings settings, Object join, List<Task<?, ? extends X>> tasks)
      throws X, InterruptedException {
    settings.refuseFor("fanOut");
    for (int i = 0; i < tasks.size(); i++) {
      Checks.given(tasks.get(i), "abcde".substring(i, i + 1));
    }
    Checks.given(join, "join");
    return new Results(all(settings, tasks, "tasks", FanOut.<@Nullable Object, X>calling()));
  }

  /** {@return the elements of a stream, which can be read once} */
  public static <T> Iterable<T> once(Stream<? extends T> stream) {
    Iterator<T> elements = stream.<T>map(element -> element).iterator();
    return () -> elements;
  }

  /** {@return the function that calls a task} */
  @SuppressWarnings("unchecked")
  public static <R extends @Nullable Object, X extends Exception>
      TaskFunction<Task<? extends R, ? extends X>, R, X> calling() {
    return Task::call;
  }

  public static <T, R extends @Nullable Object, X extends Exception> List<R> all(
      Settings settings,
      Iterable<? extends T> items,
      String name,
      TaskFunction<? super T, ? extends R, X> function)
      throws X, InterruptedException {
    TaskFunction<? super T, ? extends R, ?> fn = ItemTimeout.of(settings, function);
    if (items instanceof Collection<? extends T> known) {
      var sweep = new SharedFanOut<T, R>(known, name, fn, false);
      ScopeImpl.call(
          settings,
          Policy.AGGREGATE,
          function,
          scope -> {
            scope.discarded().setResult(sweep::results);
            return sweep.start(scope, limit(scope));
          });
      return sweep.results();
    }
    var source = new ItemSource<T>(items);
    var results = new ResultSlots();
    ScopeImpl.call(
        settings,
        Policy.AGGREGATE,
        function,
        scope -> {
          scope.discarded().setResult(results::toList);
          return startAll(scope, source, item -> new Item<>(scope, fn, item, results));
        });
    return results.toList();
  }

  public static <T, R extends @Nullable Object> List<Outcome<T, R>> settle(
      Settings settings,
      Iterable<? extends T> items,
      String name,
      TaskFunction<? super T, ? extends R, ?> function)
      throws InterruptedException {
    TaskFunction<? super T, ? extends R, ?> fn = ItemTimeout.of(settings, function);
    if (items instanceof Collection<? extends T> known) {
      var sweep = new SharedFanOut<T, R>(known, name, fn, true);
      ScopeImpl.call(
          settings,
          Policy.SETTLE,
          function,
          scope -> {
            scope.discarded().setResult(() -> values(sweep.results()));
            return sweep.start(scope, limit(scope));
          });
      sweep.fillUnfinished();
      return sweep.results();
    }
    var source = new ItemSource<T>(items);
    var results = new ResultSlots();
    ScopeImpl.call(
        settings,
        Policy.SETTLE,
        function,
        scope -> {
          scope.discarded().setResult(() -> values(results.toList()));
          return startAll(scope, source, item -> new SettledItem<>(scope, fn, item, results));
        });
    return results.toList();
  }

  /** Applies an action to every item, and keeps no item of a lazy source. */
  public static <T, X extends Exception> void forEach(
      Settings settings, Iterable<? extends T> items, Handler<? super T, X> action)
      throws X, InterruptedException {
    TaskFunction<T, @Nullable Void, X> handling =
        item -> {
          action.handle(item);
          return null;
        };
    TaskFunction<? super T, ? extends @Nullable Void, ?> fn = ItemTimeout.of(settings, handling);
    if (items instanceof Collection<? extends T> known) {
      var sweep = new SharedFanOut<T, @Nullable Void>(known, "items", fn, false);
      ScopeImpl.call(settings, Policy.AGGREGATE, action, scope -> sweep.start(scope, limit(scope)));
    } else {
      var source = new ItemSource<T>(items);
      ScopeImpl.call(
          settings,
          Policy.AGGREGATE,
          action,
          scope -> startAll(scope, source, item -> new Single<>(scope, fn, item)));
    }
  }

  /** Runs actions concurrently. */
  public static <X extends Exception> void run(
      Settings settings, List<? extends TaskAction<? extends X>> actions)
      throws X, InterruptedException {
    TaskFunction<TaskAction<? extends X>, @Nullable Void, X> running =
        action -> {
          action.run();
          return null;
        };
    TaskFunction<? super TaskAction<? extends X>, ? extends @Nullable Void, ?> fn =
        ItemTimeout.of(settings, running);
    var sweep =
        new SharedFanOut<TaskAction<? extends X>, @Nullable Void>(actions, "actions", fn, false);
    Object code = actions.isEmpty() ? actions : actions.get(0);
    ScopeImpl.call(settings, Policy.AGGREGATE, code, scope -> sweep.start(scope, limit(scope)));
  }

  /** {@return the values of the successful outcomes; some outcomes may be missing} */
  private static List<@Nullable Object> values(List<? extends @Nullable Object> outcomes) {
    var values = new ArrayList<@Nullable Object>();
    for (Object outcome : outcomes) {
      if (outcome instanceof Success<?, ?> success) {
        values.add(success.value());
      }
    }
    return values;
  }

  /**
   * {@return the outcome of an item}
   *
   * @param inTime whether it ended before it was cancelled
   */
  static <T, R extends @Nullable Object> Outcome<T, R> outcome(
      T item, boolean inTime, R result, @Nullable Throwable thrown, Duration elapsed) {
    if (thrown != null && (inTime || thrown instanceof Error)) {
      return new Failure<>(item, thrown, elapsed);
    }
    return thrown == null && inTime ? new Success<>(item, result, elapsed) : new Unfinished<>(item);
  }

  /** Creates the task for an item. */
  interface Maker<T> {
    ScopeTask of(T item);
  }

  /** Starts a task for every item, each as soon as the limit allows. */
  private static <T> @Nullable Void startAll(
      ScopeImpl scope, ItemSource<T> source, Maker<? super T> maker) throws InterruptedException {
    int limit = limit(scope);
    for (; ; ) {
      // First, so that an item is taken from the source only when it can start.
      scope.awaitSlot(limit);
      T item = scope.decision() == null ? source.next(scope) : null;
      if (item == null) {
        return null;
      }
      scope.start(maker.of(item));
    }
  }

  static int limit(ScopeImpl scope) {
    int limit = scope.settings().limit();
    return limit == 0 ? Settings.DEFAULT_LIMIT : limit;
  }

  /** The task for one item whose result is dropped. */
  private static class Single<T, R extends @Nullable Object> extends ScopeTask {

    private final TaskFunction<? super T, ? extends R, ?> fn;
    final T item;

    Single(ScopeImpl scope, TaskFunction<? super T, ? extends R, ?> fn, T item) {
      super(scope, null, scope.nextNumber());
      this.fn = fn;
      this.item = item;
    }

    @Override
    public final @Nullable Object work() throws Exception {
      return fn.apply(item);
    }
  }

  /** The task for one item of a fan-out. */
  private static class Item<T, R extends @Nullable Object> extends Single<T, R> {

    private final @Nullable Object[] block;
    private final int place;

    Item(ScopeImpl scope, TaskFunction<? super T, ? extends R, ?> fn, T item, ResultSlots results) {
      super(scope, fn, item);
      results.advance();
      this.block = results.block();
      this.place = results.place();
    }

    @Override
    public void conclude(
        State state, @Nullable Object result, @Nullable Throwable thrown, long elapsedNanos) {
      put(state == State.SUCCESS ? result : null);
    }

    /** Read by the owner once all tasks have ended. */
    final void put(@Nullable Object result) {
      block[place] = result;
    }
  }

  /** The task for one item of {@code settle}. */
  private static final class SettledItem<T, R extends @Nullable Object> extends Item<T, R> {

    SettledItem(
        ScopeImpl scope, TaskFunction<? super T, ? extends R, ?> fn, T item, ResultSlots results) {
      super(scope, fn, item, results);
    }

    @Override
    @SuppressWarnings("unchecked")
    public void conclude(
        State state, @Nullable Object result, @Nullable Throwable thrown, long elapsedNanos) {
      boolean inTime = state != State.CANCELLED;
      put(outcome(item, inTime, (R) result, thrown, Duration.ofNanos(elapsedNanos)));
    }

    // Failures are outcomes. The scope also keeps them in case it throws instead of returning the
    // outcomes.

    @Override
    public @Nullable Interrupter failing(Throwable thrown) {
      return null;
    }

    @Override
    public void failed(Throwable thrown, @Nullable Interrupter interrupter) {
      scope.failures().add(thrown);
    }

    @Override
    public void failedLate(Throwable thrown) {
      if (thrown instanceof Error) {
        scope.failures().add(thrown);
      }
    }
  }
}
