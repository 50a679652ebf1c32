package dev.holdfast.internal.scheduling;

import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A request to a thread to end the wait that it is in or enters next. Unlike an interrupt, it
 * reaches no user code: only waits of the library look for it.
 */
public abstract class StopRequest {

  private static final ConcurrentHashMap<Thread, StopRequest> PENDING = new ConcurrentHashMap<>();

  /** The thread it was sent to. */
  private volatile @Nullable Thread target;

  private volatile boolean withdrawn;

  /** {@return whether the wait of the current thread must end; the request stays pending} */
  public static boolean isPending() {
    return of(Thread.currentThread()) != null;
  }

  /** Throws if the wait of the current thread must end, and removes the request. */
  public static void throwIfPending() throws InterruptedException {
    StopRequest request = of(Thread.currentThread());
    if (request != null) {
      request.withdraw();
      throw new InterruptedException(request.message());
    }
  }

  private static @Nullable StopRequest of(Thread thread) {
    StopRequest request = PENDING.isEmpty() ? null : PENDING.get(thread);
    return request != null && !request.withdrawn && request.applies() ? request : null;
  }

  /** Sends the request, unless it was withdrawn, and wakes the thread. */
  public final void send(Thread thread) {
    target = thread;
    PENDING.put(thread, this);
    if (withdrawn) {
      PENDING.remove(thread, this);
    }
    Wakeups.unpark(thread);
  }

  /** Ends the request, whether it was sent or not. */
  public final void withdraw() {
    withdrawn = true; // before `target` is read; send does the reverse
    Thread thread = target;
    if (thread != null) {
      PENDING.remove(thread, this);
    }
  }

  /**
   * {@return whether the request may end the code that the current thread runs; only its target
   * calls this}
   */
  protected abstract boolean applies();

  /** {@return the message of the exception} */
  protected abstract String message();

  /** {@return how many requests are pending, for tests} */
  static int pending() {
    return PENDING.size();
  }
}
