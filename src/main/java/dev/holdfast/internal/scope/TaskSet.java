package dev.holdfast.internal.scope;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of a scope that have not ended.
 *
 * <p>The owner of the scope adds tasks, each task removes itself, and any thread may iterate. There
 * is no lock: a task sits in a slot of an array that never moves, and leaves by clearing the slot.
 * The owner reuses cleared slots once at least half of the slots are cleared.
 */
public final class TaskSet {

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(ScopeTask[].class);
  private static final int LARGEST = 1024;

  private static final class Block {
    final @Nullable ScopeTask[] slots;
    volatile @Nullable Block next;

    Block(int size) {
      slots = new ScopeTask[size];
    }
  }

  private static final int SMALLEST = 8;

  /** Null until the first task is added. */
  private volatile @Nullable Block first;

  // Owner only.
  private @Nullable Block block;
  private int cursor;
  private int capacity;

  /**
   * Adds a task. Owner only.
   *
   * @param live how many have not ended, not counting the new one
   */
  public void add(ScopeTask task, int live) {
    Block block = this.block;
    if (block == null) {
      block = add(SMALLEST);
      first = block;
    }
    for (; ; ) {
      @Nullable ScopeTask[] slots = block.slots;
      while (cursor < slots.length) {
        int slot = cursor++;
        if ((ScopeTask) SLOT.getAcquire(slots, slot) == null) {
          task.settle(slots, slot);
          // Volatile: the owner adds a task and then reads the cancellation. A cancelling thread
          // first writes the cancellation and then reads the tasks.
          SLOT.setVolatile(slots, slot, task);
          return;
        }
      }
      cursor = 0;
      Block next = block.next;
      if (next != null) {
        block = next;
      } else if (live <= capacity / 2) {
        block = Objects.requireNonNull(first);
      } else {
        next = add(Math.min(2 * slots.length, LARGEST));
        block.next = next;
        block = next;
      }
      this.block = block;
    }
  }

  private Block add(int size) {
    capacity += size;
    block = new Block(size);
    return block;
  }

  /** Removes a task that has ended, by its index. */
  public static void remove(@Nullable ScopeTask[] slots, int slot) {
    SLOT.setRelease(slots, slot, null);
  }

  public void forEach(Consumer<? super ScopeTask> action) {
    for (Block b = first; b != null; b = b.next) {
      for (int i = 0; i < b.slots.length; i++) {
        ScopeTask task = (ScopeTask) SLOT.getVolatile(b.slots, i);
        if (task != null) {
          action.accept(task);
        }
      }
    }
  }
}
