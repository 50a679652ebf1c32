package dev.holdfast.internal.timer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Alarms in the order of their time: a binary heap in which each knows its place, so that one that
 * is no longer needed leaves at once. Whoever has one has a lock for it.
 */
final class AlarmHeap {

  private Alarm[] heap = new Alarm[16];
  private int size;

  int size() {
    return size;
  }

  @Nullable Alarm first() {
    return size == 0 ? null : heap[0];
  }

  /** {@return one that is quickly removed, or null} */
  @Nullable Alarm last() {
    return size == 0 ? null : heap[size - 1];
  }

  /** Sets an alarm, or moves one that is set. */
  void set(Alarm alarm, long at) {
    alarm.at = at;
    if (alarm.place < 0) {
      if (size == heap.length) {
        heap = Arrays.copyOf(heap, size + (size >> 1));
      }
      siftUp(size++, alarm);
    } else {
      siftDown(alarm.place, alarm);
      siftUp(alarm.place, alarm);
    }
  }

  /** Takes an alarm out, if it is in. */
  void remove(Alarm alarm) {
    int place = alarm.place;
    if (place < 0) {
      return;
    }
    Alarm last = heap[--size];
    clearPlace(size);
    alarm.place = -1;
    if (last != alarm) {
      siftDown(place, last);
      siftUp(last.place, last);
    }
  }

  @SuppressWarnings("NullAway") // places from size on are empty, and nobody looks at them
  private void clearPlace(int place) {
    heap[place] = null;
  }

  private void siftUp(int place, Alarm alarm) {
    int hole = place;
    while (hole > 0) {
      int above = (hole - 1) >>> 1;
      if (alarm.at - heap[above].at >= 0) {
        break;
      }
      settle(hole, heap[above]);
      hole = above;
    }
    settle(hole, alarm);
  }

  private void siftDown(int place, Alarm alarm) {
    int hole = place;
    for (int below; (below = 2 * hole + 1) < size; hole = below) {
      if (below + 1 < size && heap[below + 1].at - heap[below].at < 0) {
        below++;
      }
      if (alarm.at - heap[below].at <= 0) {
        break;
      }
      settle(hole, heap[below]);
    }
    settle(hole, alarm);
  }

  private void settle(int place, Alarm alarm) {
    heap[place] = alarm;
    alarm.place = place;
  }
}
