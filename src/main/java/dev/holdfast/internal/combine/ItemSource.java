package dev.holdfast.internal.combine;

import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.util.Checks;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The items of a combinator, taken on the owner's thread.
 *
 * <p>A collection is copied when the combinator is called, so later changes to it have no effect.
 * Any other source is user code that may block. It is the only place in a combinator where the
 * owner can be interrupted.
 *
 * @param <T> the type of the items
 */
final class ItemSource<T> {

  private final Iterator<? extends T> iterator;
  private final int size;
  private final boolean lazy;
  private int pulled;

  /** Copies a collection, and rejects a null element. */
  ItemSource(Iterable<? extends T> items) {
    this.lazy = !(items instanceof Collection);
    if (items instanceof Collection<? extends T> known) {
      List<T> copy = copy(known);
      this.size = copy.size();
      this.iterator = copy.iterator();
    } else {
      this.size = Integer.MAX_VALUE;
      this.iterator = Checks.given(items.iterator(), "items.iterator()");
    }
  }

  @SuppressWarnings("unchecked") // the elements of a Collection<? extends T> are T
  private static <T> List<T> copy(Collection<? extends T> items) {
    return (List<T>) Arrays.asList(Checks.elements(items, "items"));
  }

  /** {@return the number of items, {@link Integer#MAX_VALUE} if it is unknown} */
  int size() {
    return size;
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

  /** {@return the next item of a collection that was not taken, or null; called after the scope} */
  @Nullable T rest() {
    return lazy ? null : pull();
  }

  private @Nullable T pull() {
    return iterator.hasNext() ? Checks.element(iterator.next(), "items", pulled++) : null;
  }
}
