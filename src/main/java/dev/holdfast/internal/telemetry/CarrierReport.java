package dev.holdfast.internal.telemetry;

import dev.holdfast.internal.clock.Simulator;
import dev.holdfast.internal.scheduling.Carriers;
import dev.holdfast.internal.util.StackTraces;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Names the threads that hold the carriers while other virtual threads wait for one. */
public final class CarrierReport {

  private static final long WAIT_MILLIS = 200;
  private static final int MOST = 10;

  /**
   * Takes threads, each with the time that its task has run; negative if the thread runs no task.
   */
  public interface Running {
    /** Takes a thread. */
    void add(Thread thread, long taskNanos);
  }

  private static volatile Consumer<Running> known = action -> {};

  private CarrierReport() {}

  /**
   * Sets the source of threads.
   *
   * @param threads passes the threads that are in Holdfast to an action
   */
  public static void searchAmong(Consumer<Running> threads) {
    known = threads;
  }

  /** Warns that virtual threads wait for a carrier. May block in the logger. */
  public static void warn(long waitingNanos) {
    Reports.warn(
        "A virtual thread that can run has waited "
            + waitingNanos / 1_000_000
            + " ms for a carrier."
            + holders()
            + "\nCall Scopes.checkpoint() in loops that compute, or run them on platform threads.");
  }

  /**
   * {@return lines that name the threads that hold the carriers, or an empty string if a newly
   * started virtual thread runs soon} Blocks for a moment.
   */
  public static String ofHeldCarriers() throws InterruptedException {
    if (Simulator.current() != null) {
      return ""; // the simulation holds the threads back
    }
    var ran = new CountDownLatch(1);
    Thread.ofVirtual().inheritInheritableThreadLocals(false).start(ran::countDown);
    return ran.await(WAIT_MILLIS, TimeUnit.MILLISECONDS) ? "" : holders();
  }

  private static String holders() {
    var text = new StringBuilder();
    int[] found = {0};
    known.accept((thread, taskNanos) -> {
      if (Carriers.holds(thread) && ++found[0] <= MOST) {
        text.append("\n  '")
            .append(thread.getName())
            .append("' holds a carrier")
            .append(taskNanos < 0 ? "" : "; its task began " + taskNanos / 1_000_000 + " ms ago")
            .append(':')
            .append(StackTraces.of(thread));
      }
    });
    if (found[0] == 0) {
      text.append("\n  No thread in a scope holds a carrier; a thread dump shows the others.");
    }
    return text.toString();
  }
}
