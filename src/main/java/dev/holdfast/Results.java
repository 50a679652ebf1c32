package dev.holdfast;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Places for the results of tasks, in the order the tasks were made.
 *
 * <p>The owner adds places; each task writes its own. Arrays never move, so nobody has to wait.
 */
final class Results {

  private static final int LARGEST = 4096;

  private final List<@Nullable Object[]> blocks = new ArrayList<>(1);
  private @Nullable Object[] block;
  private int used;

  Results(Iterable<?> items) {
    int size = items instanceof Collection<?> known ? known.size() : 16;
    block = new Object[Math.max(1, Math.min(size, LARGEST))];
  }

  /** Makes {@link #place} and {@link #block} the next free place. */
  void advance() {
    if (used == block.length) {
      blocks.add(block);
      block = new Object[Math.min(2 * used, LARGEST)];
      used = 0;
    }
    used++;
  }

  @Nullable Object[] block() {
    return block;
  }

  int place() {
    return used - 1;
  }

  /** {@return everything in the places, plus what is given; once all tasks have ended} */
  @SuppressWarnings("unchecked")
  <R extends @Nullable Object> List<R> toList(List<?> more) {
    List<@Nullable Object> all = new ArrayList<>();
    for (@Nullable Object[] full : blocks) {
      all.addAll(Arrays.asList(full));
    }
    all.addAll(Arrays.asList(block).subList(0, used));
    all.addAll(more);
    return (List<R>) Collections.unmodifiableList(all);
  }
}
