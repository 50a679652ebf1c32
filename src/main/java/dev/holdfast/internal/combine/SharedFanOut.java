package dev.holdfast.internal.combine;

import dev.holdfast.Outcome;
import dev.holdfast.Outcome.Failure;
import dev.holdfast.Outcome.Unfinished;
import dev.holdfast.TaskFunction;
import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.scope.ScopeTask;
import dev.holdfast.internal.util.Checks;
import dev.holdfast.internal.util.ThreadContext;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A fan-out over a collection, in which threads take items until none is left.
 *
 * <p>The owner starts threads as long as there are items and the limit allows. A thread that has
 * finished its item takes the next. So each blocking item gets its own thread, while items that do
 * not block share a few threads, which saves the start of a thread for each item.
 */
final class SharedFanOut<T, R extends @Nullable Object> {

  /**
   * The number of threads started between two readings of the clock; a reading costs as much as an
   * allocation.
   */
  private static final int READ_CLOCK_EVERY = 16;

  private final TaskFunction<? super T, ? extends R, ?> fn;
  private final Object[] items;

  /** The thread that took an item writes its element; the owner reads all elements at the end. */
  private final @Nullable Object[] results;

  private final boolean settling;

  /** How many items were taken; in the upper half, how many threads have begun to take items. */
  private final AtomicLong taken = new AtomicLong();

  SharedFanOut(
      Collection<? extends T> items,
      String name,
      TaskFunction<? super T, ? extends R, ?> fn,
      boolean settling) {
    this.items = Checks.elements(items, name);
    this.fn = fn;
    this.results = new Object[this.items.length];
    this.settling = settling;
  }

  /** Starts threads, one for every item that no running or starting thread is about to take. */
  @Nullable Void start(ScopeImpl scope, int limit) {
    long now = scope.openedNanos();
    for (int started = 0;
        started < limit && isOneMissing(started) && scope.decision() == null;
        started++) {
      if (started % READ_CLOCK_EVERY == READ_CLOCK_EVERY - 1) {
        now = Clock.nanoTime();
      }
      scope.start(new Taker(scope, now));
    }
    scope.setBodyEnd(now);
    return null;
  }

  /** {@return whether there are more free items than threads that are about to take one} */
  private boolean isOneMissing(int started) {
    long now = taken.get();
    return items.length - (int) now > started - (int) (now >>> Integer.SIZE);
  }

  /** {@return the results, in the order of the items; called once all threads have ended} */
  @SuppressWarnings("unchecked")
  <S extends @Nullable Object> List<S> results() {
    return (List<S>) Collections.unmodifiableList(Arrays.asList(results));
  }

  /** Marks the items that have no result as unfinished. */
  void fillUnfinished() {
    for (int i = 0; i < results.length; i++) {
      if (results[i] == null) {
        results[i] = new Unfinished<T, R>(item(i));
      }
    }
  }

  @SuppressWarnings("unchecked")
  private T item(int i) {
    return (T) items[i];
  }

  private final class Taker extends ScopeTask {

    /** The current item of the thread, or its last one; other threads may read a stale value. */
    private int at = -1;

    Taker(ScopeImpl scope, long nanos) {
      super(scope, null, scope.nextNumber(), ThreadContext.capture(), nanos);
    }

    @Override
    public boolean isNeeded() {
      return (int) taken.get() < items.length;
    }

    @Override
    public @Nullable Object work() throws Exception {
      // The thread begins and takes its first item in one atomic step. So the owner may start one
      // thread too many, but never one too few.
      long step = (1L << Integer.SIZE) + 1;
      while (decision() == null && isNeeded()) {
        int i = (int) taken.getAndAdd(step);
        if (i >= items.length) {
          break;
        }
        at = i;
        if (settling || step == 1) { // the age of the first item begins with its thread
          restart();
        }
        step = 1;
        if (settling) {
          settle(i);
        } else {
          results[i] = fn.apply(item(i));
        }
        endUserCode();
      }
      return null;
    }

    @SuppressWarnings("NullAway") // R says whether it may be null
    private void settle(int i) {
      R result = null;
      Throwable thrown = null;
      try {
        result = fn.apply(item(i));
      } catch (Throwable t) {
        thrown = t;
      }
      boolean inTime = decision() == null;
      Outcome<T, R> outcome =
          FanOut.outcome(item(i), inTime, result, thrown, Duration.ofNanos(ageNanos()));
      if (outcome instanceof Failure<T, R>) {
        scope.failures().add(thrown); // in case the scope returns no outcomes
      } else if (!inTime) {
        scope.discarded().add(result);
      }
      results[i] = outcome;
    }

    @Override
    public int number() {
      return at < 0 ? super.number() : at + 1;
    }
  }
}
