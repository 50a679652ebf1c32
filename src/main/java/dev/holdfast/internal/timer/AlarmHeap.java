package dev.holdfast.internal.timer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A binary heap of alarms, the earliest first. Each entry stores its index, so that any entry is
 * removed in logarithmic time. Not thread-safe.
 */
class AlarmHeap {

  private @Nullable HeapEntry[] heap = new HeapEntry[16];
  private int size;

  int size() {
    return size;
  }

  @Nullable HeapEntry first() {
    return heap[0];
  }

  /** {@return the entry that costs least to remove, or null} */
  @Nullable HeapEntry last() {
    return size == 0 ? null : heap[size - 1];
  }

  /** Makes room for one more entry; after that {@link #set} does not fail. */
  void ensureRoom() {
    if (isFull()) {
      heap = grown(heap);
    }
  }

  final boolean isFull() {
    return size == heap.length;
  }

  /** {@return a larger copy; tests run out of memory here} */
  @Nullable HeapEntry[] grown(@Nullable HeapEntry[] old) {
    return Arrays.copyOf(old, old.length + (old.length >> 1));
  }

  /** Adds an entry, or moves one that is in the heap. */
  void set(HeapEntry entry, long at) {
    if (entry.index < 0) {
      ensureRoom();
      entry.at = at;
      siftUp(size++, entry);
    } else {
      entry.at = at;
      siftDown(entry.index, entry);
      siftUp(entry.index, entry);
    }
  }

  /** Removes an entry, if it is in the heap. */
  void remove(HeapEntry entry) {
    int hole = entry.index;
    if (hole < 0) {
      return;
    }
    HeapEntry last = get(--size);
    heap[size] = null;
    entry.index = -1;
    if (last != entry) {
      siftDown(hole, last);
      siftUp(last.index, last);
    }
  }

  @SuppressWarnings("NullAway") // below size there is an entry at every index
  private HeapEntry get(int index) {
    return heap[index];
  }

  private void siftUp(int index, HeapEntry entry) {
    int hole = index;
    while (hole > 0) {
      int parent = (hole - 1) >>> 1;
      if (entry.at - get(parent).at >= 0) {
        break;
      }
      place(hole, get(parent));
      hole = parent;
    }
    place(hole, entry);
  }

  private void siftDown(int index, HeapEntry entry) {
    int hole = index;
    for (int child; (child = 2 * hole + 1) < size; hole = child) {
      if (child + 1 < size && get(child + 1).at - get(child).at < 0) {
        child++;
      }
      if (entry.at - get(child).at <= 0) {
        break;
      }
      place(hole, get(child));
    }
    place(hole, entry);
  }

  private void place(int index, HeapEntry entry) {
    heap[index] = entry;
    entry.index = index;
  }
}
