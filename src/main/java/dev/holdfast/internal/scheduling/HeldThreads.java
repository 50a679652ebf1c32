package dev.holdfast.internal.scheduling;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/** The virtual threads whose wake-up is held back, in order. */
final class HeldThreads {

  private final ConcurrentLinkedQueue<Thread> queue = new ConcurrentLinkedQueue<>();

  void add(Thread thread) {
    queue.add(thread);
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  void wakeAll() {
    wake(Integer.MAX_VALUE);
  }

  /** Wakes the threads that have been held longest. */
  void wake(int most) {
    Thread thread;
    for (int i = 0; i < most && (thread = queue.poll()) != null; i++) {
      try {
        LockSupport.unpark(thread);
      } catch (OutOfMemoryError e) {
        // The other threads still have to be woken.
      }
    }
  }

  /** Wakes the pinned threads: they keep their carriers, so they do not enter a queue. */
  void wakePinned() {
    queue.removeIf(held -> {
      boolean pinned = Carriers.isPinned(held);
      if (pinned) {
        LockSupport.unpark(held);
      }
      return pinned;
    });
  }
}
