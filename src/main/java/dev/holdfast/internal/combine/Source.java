package dev.holdfast.internal.combine;

import dev.holdfast.internal.cancel.Strand;
import dev.holdfast.internal.scope.ScopeFrame;
import dev.holdfast.internal.util.Args;

import java.util.Collection;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Where a combinator gets its items from, on the owner's thread.
 *
 * <p>A lazy source is user code and may block; there, and nowhere else in a combinator, the owner
 * can be interrupted. The iterator of a collection is trusted not to.
 *
 * @param <T> the type of the items
 */
final class Source<T> {

  private final Iterator<? extends T> iterator;
  private final boolean lazy;
  private int pulled;

  Source(Iterable<? extends T> items) {
    this.iterator = Args.given(items.iterator(), "items.iterator()");
    this.lazy = !(items instanceof Collection);
  }

  /** {@return the next item, or null if there is none} */
  @Nullable T next(ScopeFrame scope) {
    if (!lazy) {
      return pull();
    }
    Strand strand = scope.strand();
    strand.endWait(scope, false);
    try {
      return pull();
    } finally {
      strand.beginWait(scope);
    }
  }

  private @Nullable T pull() {
    return iterator.hasNext() ? Args.element(iterator.next(), "items", pulled++) : null;
  }
}
