package dev.holdfast.internal.timer;

import dev.holdfast.internal.util.Throwables;

/**
 * Code that may block without limit, such as an onCancel action or a logger. It runs on a helper
 * thread and delays no other action.
 */
public abstract class BackgroundAction implements Runnable {

  /** Runs the code; an exception goes to the thread's uncaught-exception handler. */
  public abstract void act();

  /**
   * {@return the group of the action; as a rule, a helper thread runs the actions of one group
   * only}
   */
  public Object group() {
    return this;
  }

  /**
   * Called if no thread can be started for the action. It must not block.
   *
   * @return whether the action is given up; if not, it waits for a thread
   */
  public boolean isRefused() {
    return false;
  }

  @Override
  public final void run() {
    try {
      act();
    } catch (Throwable t) {
      Throwables.report(Thread.currentThread(), t);
    }
  }
}
