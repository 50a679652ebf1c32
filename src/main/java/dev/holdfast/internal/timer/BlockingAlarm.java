package dev.holdfast.internal.timer;

import dev.holdfast.internal.util.Throwables;

/**
 * An action at a time that may block for a while, as cancelling does: an interrupt closes the
 * channel its thread is blocked in. It runs on a helper thread, and again if it throws.
 */
public abstract class BlockingAlarm extends Alarm implements Runnable {

  private static final long RETRY_NANOS = 10_000_000;
  private static final long RETRY_BUG_NANOS = 1_000_000_000;

  /** Does it; may be called again after it has thrown. */
  public abstract void expired();

  @Override
  public final void ring() {
    HelperThreads.ALARMS.execute(this);
  }

  @Override
  public final void run() {
    try {
      expired();
    } catch (VirtualMachineError e) { // out of memory, of threads, of stack: that may pass
      TimerThread.set(this, System.nanoTime() + RETRY_NANOS);
    } catch (Throwable bug) {
      TimerThread.set(this, System.nanoTime() + RETRY_BUG_NANOS);
      Throwables.report(Thread.currentThread(), bug);
    }
  }
}
