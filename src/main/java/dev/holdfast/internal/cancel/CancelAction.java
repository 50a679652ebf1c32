package dev.holdfast.internal.cancel;

import dev.holdfast.Action;
import dev.holdfast.internal.timer.BackgroundAction;
import dev.holdfast.internal.util.ThreadContext;
import org.jspecify.annotations.Nullable;

/**
 * An action that unblocks a call that an interrupt does not reach. It runs on a thread of its own,
 * with the context of the thread that registered it.
 */
abstract class CancelAction extends BackgroundAction {

  private final Action action;
  private final @Nullable ClassLoader loader = Thread.currentThread().getContextClassLoader();
  private final @Nullable Object context = ThreadContext.capture();

  /** The thread that runs the action at this moment. */
  private volatile @Nullable Thread runner;

  CancelAction(Action action) {
    this.action = action;
  }

  /** {@return the thread that runs the action at this moment, or null} */
  final @Nullable Thread runner() {
    return runner;
  }

  /** Called with what the action threw. */
  abstract void failed(Throwable thrown);

  /** Called when the action has ended, however it did. */
  abstract void ended();

  @Override
  public final void act() {
    Thread thread = Thread.currentThread();
    ClassLoader own = thread.getContextClassLoader();
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
      Thread
          .interrupted(); // clears the interrupt flag, so that the next action on this thread does
      // not see it
      thread.setContextClassLoader(own);
      ended();
    }
  }
}
