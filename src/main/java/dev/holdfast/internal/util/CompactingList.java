package dev.holdfast.internal.util;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A list that removes obsolete elements whenever its size has doubled. So adding an element takes
 * amortized constant time, and the list holds at most about twice as many elements as are live. Not
 * thread-safe.
 */
public final class CompactingList<E> {

  private static final int SMALLEST = 64;

  private final Predicate<? super E> isOver;
  private final List<E> elements = new ArrayList<>(4);
  private int compactAt = SMALLEST;

  public CompactingList(Predicate<? super E> isOver) {
    this.isOver = isOver;
  }

  public void add(E element) {
    if (elements.size() >= compactAt) {
      elements.removeIf(isOver);
      compactAt = Math.max(SMALLEST, 2 * elements.size());
    }
    elements.add(element);
  }

  /** {@return the elements in the order they were added, some of them obsolete; a live view} */
  public List<E> elements() {
    return elements;
  }
}
