package dev.holdfast.internal.timer;

/** Something to happen at a time; on the housekeeper's thread, so it must not block. */
public abstract class Alarm {

  /** When, in {@link System#nanoTime} terms. Guarded by the lock of the heap it is in. */
  long at;

  /** Where it is in the heap, -1 if in none. Guarded by the lock of the heap. */
  int place = -1;

  public abstract void ring();
}
