package dev.holdfast.internal.combine;

import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.util.Checks;
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
final class ItemSource<T> {

  private final Iterator<? extends T> iterator;
  private final boolean lazy;
  private int pulled;

  ItemSource(Iterable<? extends T> items) {
    this.iterator = Checks.given(items.iterator(), "items.iterator()");
    this.lazy = !(items instanceof Collection);
  }

  /** {@return the next item, or null if there is none} */
  @Nullable T next(ScopeImpl scope) {
    if (!lazy) {
      return pull();
    }
    ThreadScope threadScope = scope.threadScope();
    threadScope.endWait(scope, false);
    try {
      return pull();
    } finally {
      threadScope.beginWait(scope);
    }
  }

  private @Nullable T pull() {
    return iterator.hasNext() ? Checks.element(iterator.next(), "items", pulled++) : null;
  }
}
