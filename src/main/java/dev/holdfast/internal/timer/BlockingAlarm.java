package dev.holdfast.internal.timer;

import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.clock.Simulator;
import dev.holdfast.internal.util.Throwables;

/**
 * An action that runs at a given time and may block for a while. Cancellation may block, because an
 * interrupt closes the channel on which its target is blocked. The action runs on a helper thread,
 * and runs again if it throws.
 */
public abstract class BlockingAlarm extends Alarm implements Runnable {

  private static final long RETRY_NANOS = 10_000_000;
  private static final long RETRY_BUG_NANOS = 1_000_000_000;

  /** Runs the action; called again after it has thrown. */
  public abstract void expired();

  @Override
  public final void ring() {
    Simulator simulator = Simulator.current();
    if (simulator == null) {
      HelperThreads.ALARMS.execute(this);
    } else {
      simulator.execute(this);
    }
  }

  @Override
  public final void run() {
    try {
      expired();
    } catch (
        VirtualMachineError e) { // out of memory, threads or stack: the next attempt may succeed
      TimerThread.set(this, Clock.nanoTime() + RETRY_NANOS);
    } catch (Throwable bug) {
      TimerThread.set(this, Clock.nanoTime() + RETRY_BUG_NANOS);
      Throwables.report(Thread.currentThread(), bug);
    }
  }
}
