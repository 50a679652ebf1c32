package dev.holdfast.internal.background;

import dev.holdfast.inspect.WaitInfo.Operation;
import dev.holdfast.internal.cancel.Blocker;
import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.clock.Simulator;
import dev.holdfast.internal.scheduling.StopRequest;
import dev.holdfast.internal.timer.BlockingAlarm;
import dev.holdfast.internal.timer.TimerThread;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** The request to a worker to stop, and the grace after which the worker is cancelled. */
final class Stopping {

  private static final VarHandle ALARM;
  private static final VarHandle REQUEST;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      ALARM = lookup.findVarHandle(Stopping.class, "alarm", GraceAlarm.class);
      REQUEST = lookup.findVarHandle(Stopping.class, "request", StopRequest.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final WorkerTask worker;

  /** Whether the worker was asked to stop. A cancelled worker need not have been. */
  private volatile boolean asked;

  private volatile @Nullable StopRequest request;
  private volatile @Nullable GraceAlarm alarm;

  Stopping(WorkerTask worker) {
    this.worker = worker;
  }

  boolean isAsked() {
    return asked;
  }

  /**
   * Asks the worker to stop, and cancels it when the grace has passed. Any thread may call this.
   */
  void ask(String reason) {
    long grace = worker.home.graceNanos();
    var created = new Request();
    // Sets the request first, so that the worker's code can withdraw it once `asked` is true.
    boolean first = REQUEST.compareAndSet(this, null, created);
    asked = true;
    Simulator.point("announce the stop of", worker);
    worker.announceStop();
    if (grace == 0) {
      worker.cancel(reason);
      return;
    }
    var ending = new GraceAlarm(reason);
    if (ALARM.compareAndSet(this, null, ending)) {
      TimerThread.set(ending, Clock.nanoTime() + grace);
      Thread thread = worker.thread();
      if (first && thread != null) {
        created.send(thread);
      }
      if (worker.hasEnded()) { // it may have ended before these were set
        TimerThread.clear(ending);
        created.withdraw();
      }
    }
  }

  /**
   * Waits until the worker is asked to stop. Its own thread only.
   *
   * @param nanos the timeout; 0 waits indefinitely
   * @return whether it was asked
   */
  boolean await(long nanos) throws InterruptedException {
    if (!asked) {
      try {
        worker.await(
            this::isAsked,
            nanos,
            new Blocker.Of(Operation.IDLE, worker.scope, "the request to stop"));
      } catch (InterruptedException e) {
        if (!asked) {
          throw e;
        }
        // Without a grace, the worker may be asked and cancelled at the same time.
        Thread.currentThread().interrupt();
      }
    }
    return learn();
  }

  /**
   * {@return whether the worker was asked to stop} Called by its own code, which may then wait
   * again.
   */
  boolean learn() {
    StopRequest sent = asked ? request : null; // ask() sets the request before `asked`
    if (sent != null) {
      sent.withdraw();
    }
    return sent != null;
  }

  /** Called when the worker has ended. */
  void end() {
    GraceAlarm set = alarm;
    if (set != null) {
      TimerThread.clear(set);
    }
    StopRequest sent = request;
    if (sent != null) {
      sent.withdraw();
    }
  }

  /** Ends the worker's current wait, or the next one. */
  private final class Request extends StopRequest {

    @Override
    protected boolean applies() {
      return worker.cancellation() == null && !worker.isShielded();
    }

    @Override
    protected String message() {
      return worker.label() + " was asked to stop";
    }
  }

  private final class GraceAlarm extends BlockingAlarm {

    private final String reason;

    GraceAlarm(String reason) {
      this.reason = reason;
    }

    @Override
    public void expired() {
      worker.cancel(reason);
    }
  }
}
