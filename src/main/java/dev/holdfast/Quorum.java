package dev.holdfast;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Contenders of which the first so many win; with one winner, a race. */
final class Quorum<T, R extends @Nullable Object> {

  private final int needed;
  private final ScopeFrame scope;
  private final TaskFunction<? super T, ? extends R, ?> fn;
  private final @Nullable Object[] winners;
  private final AtomicInteger successes = new AtomicInteger();
  private final AtomicInteger failures = new AtomicInteger();

  private Quorum(int needed, ScopeFrame scope, TaskFunction<? super T, ? extends R, ?> fn) {
    this.needed = needed;
    this.scope = scope;
    this.fn = fn;
    this.winners = new Object[needed];
  }

  static <T, R extends @Nullable Object> List<R> of(
      ScopeSpec spec,
      int needed,
      Iterable<? extends T> items,
      TaskFunction<? super T, ? extends R, ?> fn)
      throws InterruptedException {
    if (items instanceof Collection<?> known && known.size() < needed) {
      throw tooFew(known.size(), needed);
    }
    Iterator<? extends T> source = FanOut.iterator(items);
    ScopeFrame scope = ScopeFrame.open(spec, ScopeFrame.Policy.TOLERANT, fn);
    var quorum = new Quorum<T, R>(needed, scope, fn);
    Throwable thrown = null;
    try {
      quorum.run(source);
    } catch (InterruptedException e) {
      thrown = quorum.isDecided() ? null : e;
    } catch (Throwable t) {
      thrown = t;
    }
    scope.end(thrown);
    return quorum.result();
  }

  private static IllegalArgumentException tooFew(int given, int needed) {
    return new IllegalArgumentException(
        "items has "
            + given
            + (given == 1 ? " element, " : " elements, ")
            + needed
            + " have to succeed");
  }

  private void run(Iterator<? extends T> source) throws Exception {
    int limit = FanOut.limit(scope);
    long hedge = scope.spec().hedgeNanos();
    while (scope.verdict() == null && source.hasNext()) {
      if (hedge > 0 && scope.forked() >= needed) {
        awaitFailureOr(hedge);
      }
      scope.awaitSlot(limit);
      scope.start(new Contender(scope, Args.element(source.next(), "items", scope.forked())));
    }
    if (scope.verdict() == null && scope.forked() < needed) {
      throw tooFew(scope.forked(), needed);
    }
    // Every end of a contender may have made it impossible.
    for (int ended = scope.ended(); !isDecided(); ended++) {
      ended = Math.max(ended, scope.ended());
      if (scope.forked() - failures.get() < needed) {
        throw lost();
      }
      scope.awaitEnded(ended + 1, 0, "the contenders of " + scope.label());
    }
  }

  private boolean isDecided() {
    return successes.get() >= needed;
  }

  private void awaitFailureOr(long nanos) throws InterruptedException {
    int seen = failures.get();
    long until = System.nanoTime() + nanos;
    for (long left; (left = until - System.nanoTime()) > 0 && failures.get() == seen; ) {
      scope.awaitEnded(scope.ended() + 1, left, "the next contender of " + scope.label());
    }
  }

  private Exception lost() throws Exception {
    Throwable first = scope.failures().first();
    throw Failures.<RuntimeException>sneaky(first == null ? new AssertionError() : first);
  }

  @SuppressWarnings("unchecked")
  private List<R> result() {
    return (List<R>) Collections.unmodifiableList(Arrays.asList(winners));
  }

  private final class Contender extends Child {

    private final T item;

    Contender(ScopeFrame scope, T item) {
      super(scope, null, scope.nextNumber());
      this.item = item;
    }

    @Override
    @Nullable Object work() throws Exception {
      return fn.apply(item);
    }

    @Override
    void conclude(Fork.State state, @Nullable Object result, @Nullable Throwable thrown) {
      if (state == Fork.State.SUCCESS) {
        int place = successes.getAndIncrement();
        if (place < needed) {
          winners[place] = result;
        }
        if (place + 1 == needed) {
          scope.cancel(Cancellation.explicit(scope.label(), "the winners were found"));
        }
      }
    }

    @Override
    void failed(Throwable thrown, boolean late) {
      if (late) {
        scope.failedLate(thrown);
      } else {
        scope.failures().add(thrown);
        failures.incrementAndGet();
      }
    }
  }
}
