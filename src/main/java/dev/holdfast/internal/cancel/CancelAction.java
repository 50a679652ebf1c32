package dev.holdfast.internal.cancel;

import dev.holdfast.Action;
import dev.holdfast.internal.timer.BackgroundAction;
import dev.holdfast.internal.util.ThreadContext;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An action that unblocks a call that an interrupt does not reach. It runs on a thread of its own,
 * with the context of the thread that registered it.
 */
abstract class CancelAction extends BackgroundAction {

  /** How many actions run in this JVM. */
  private static final AtomicInteger RUNNING = new AtomicInteger();

  private final Action action;
  private final @Nullable ClassLoader loader = Thread.currentThread().getContextClassLoader();
  private final @Nullable Object context = ThreadContext.capture();

  /** The thread that is running the action. */
  private volatile @Nullable Thread runner;

  CancelAction(Action action) {
    this.action = action;
  }

  /** {@return whether an action runs in this JVM} */
  static boolean any() {
    return RUNNING.get() != 0;
  }

  /** {@return the thread that is running the action, or null} */
  final @Nullable Thread runner() {
    return runner;
  }

  /** Called with what the action threw. */
  abstract void failed(Throwable thrown);

  /** Called when the action has ended, normally or with an exception. */
  abstract void ended();

  /** Called in place of the action if there is no thread for it; a later interrupt tries again. */
  abstract void notStarted();

  @Override
  public final boolean isRefused() {
    notStarted();
    return true;
  }

  @Override
  public final void act() {
    Thread thread = Thread.currentThread();
    ClassLoader own = thread.getContextClassLoader();
    RUNNING.incrementAndGet();
    try {
      runner = thread;
      thread.setContextClassLoader(loader);
      if (context == null) {
        action.run();
      } else {
        ThreadContext.call(
            context,
            () -> {
              action.run();
              return null;
            });
      }
    } catch (Throwable t) {
      failed(t);
    } finally {
      runner = null;
      RUNNING.decrementAndGet();
      Thread.interrupted(); // so that the next action does not find the flag set
      thread.setContextClassLoader(own);
      ended();
    }
  }
}
