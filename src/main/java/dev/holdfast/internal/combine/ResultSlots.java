package dev.holdfast.internal.combine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Places for the results of tasks, in the order in which the tasks were created.
 *
 * <p>The owner adds places; each task writes its own. The arrays are never copied, so no thread has
 * to wait.
 */
final class ResultSlots {

  private static final int LARGEST = 4096;

  private final List<@Nullable Object[]> blocks = new ArrayList<>(1);
  private @Nullable Object[] block = new Object[16];
  private int used;

  /** Sets {@link #place} and {@link #block} to the next free place. */
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

  /** {@return the contents of all places, in order; called once all tasks have ended} */
  @SuppressWarnings("unchecked")
  <R extends @Nullable Object> List<R> toList() {
    List<@Nullable Object> all = new ArrayList<>();
    for (@Nullable Object[] full : blocks) {
      all.addAll(Arrays.asList(full));
    }
    all.addAll(Arrays.asList(block).subList(0, used));
    return (List<R>) Collections.unmodifiableList(all);
  }
}
