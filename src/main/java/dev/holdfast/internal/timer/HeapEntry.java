package dev.holdfast.internal.timer;

/** An entry of an {@link AlarmHeap}. Only the owner of the heap reads and writes it. */
abstract class HeapEntry {

  /** When it is due, by {@link System#nanoTime}. */
  long at;

  /** Its index in the heap, -1 while it is in none. */
  int index = -1;
}
