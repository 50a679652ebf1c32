package dev.holdfast.internal.timer;

/** What an {@link AlarmHeap} sorts. The owner of the heap alone reads and writes it. */
abstract class HeapEntry {

  /** When it is due, by {@link System#nanoTime}. */
  long at;

  /** Its index in the heap, -1 while it is in none. */
  int index = -1;
}
