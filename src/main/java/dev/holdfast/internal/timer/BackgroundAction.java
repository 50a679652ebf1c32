package dev.holdfast.internal.timer;

import dev.holdfast.internal.util.Throwables;

/**
 * Code that may block for as long as it likes, an onCancel action or a logger: it runs on a helper
 * thread, which others do not wait for.
 */
public abstract class BackgroundAction extends Alarm implements Runnable {

  /** Does it; what it throws goes to the thread's handler for uncaught exceptions. */
  public abstract void act();

  /** {@return what it belongs to; a thread is not reused for what belongs to something else} */
  public Object group() {
    return this;
  }

  @Override
  public final void ring() {
    HelperThreads.ACTIONS.execute(this);
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
