package dev.holdfast.internal.scope;

import dev.holdfast.internal.cancel.Cancellation;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.clock.Simulator;
import dev.holdfast.internal.timer.BlockingAlarm;
import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.internal.util.DeadlineAccess;
import dev.holdfast.internal.util.StackTraces;
import dev.holdfast.internal.util.Throwables;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The alarm that cancels a scope at its deadline and records the tasks that were still running. */
final class DeadlineAlarm extends BlockingAlarm {

  // How many tasks are listed with their stacks.
  private static final int NAMED = 1000;
  private static final int PICTURED = 16;

  /*
   * Most deadlines do not pass: the scope ends within microseconds, and its alarm stays submitted
   * until the timer thread next processes the submissions. Threads that open scopes in a loop would
   * submit millions of alarms a second, as a linked list that each garbage collection has to copy
   * entry by entry. So the next scope reuses an alarm that was cleared in time; usually, that alarm
   * is still submitted. No scope reuses an alarm that has expired, because it may be cancelling its
   * scope on another thread.
   */
  private static final int LOG_SLOTS = 6;
  private static final AtomicReferenceArray<@Nullable DeadlineAlarm> IDLE =
      new AtomicReferenceArray<>(1 << LOG_SLOTS);

  /** Null while the alarm is idle. */
  private @Nullable ScopeImpl scope;

  /** How often there was no memory to cancel the scope. */
  private int attempts;

  private DeadlineAlarm(ScopeImpl scope) {
    this.scope = scope;
  }

  static DeadlineAlarm of(ScopeImpl scope) {
    int slot = slot();
    if (IDLE.getPlain(slot) != null && Simulator.current() == null) {
      DeadlineAlarm idle = IDLE.getAndSet(slot, null);
      if (idle != null) {
        idle.scope = scope;
        return idle;
      }
    }
    return new DeadlineAlarm(scope);
  }

  /** {@return the slot of the current thread, which it shares with few other running threads} */
  private static int slot() {
    long spread = Thread.currentThread().threadId() * 0x9E3779B97F4A7C15L;
    return (int) (spread >>> -LOG_SLOTS);
  }

  /**
   * Sets the alarm, or cancels the scope if its deadline has passed. Owner only.
   *
   * @throws OutOfMemoryError if no thread can be started to ring the alarm
   */
  void start(ScopeImpl owner) {
    if (owner.deadline().isExpired()) {
      cancel(owner);
      return;
    }
    long at = DeadlineAccess.nanos(owner.deadline());
    TimerThread.set(this, at);
    if (!TimerThread.awaitStart(at)) {
      if (!owner.deadline().isExpired()) {
        throw new OutOfMemoryError(
            owner.label()
                + " has a deadline, but no thread could be started to cancel it then. Use fewer"
                + " threads or less memory, or raise the limits of the process.");
      }
      cancel(owner);
    }
  }

  /** Clears the alarm. Owner only; does nothing if the scope has cleared it before. */
  void stop(ScopeImpl owner) {
    if (scope == owner && TimerThread.clear(this)) {
      scope = null;
      attempts = 0;
      IDLE.setRelease(slot(), this);
    }
  }

  @Override
  public void expired() {
    ScopeImpl late = Objects.requireNonNull(scope);
    try {
      cancel(late);
    } catch (OutOfMemoryError e) {
      attempts = late.withoutMemory(attempts);
      throw e; // the alarm rings again
    }
  }

  private static void cancel(ScopeImpl scope) {
    if (scope.decision() == null) {
      scope.cancel(
          Cancellation.deadline(
              scope.label(), DeadlineAccess.span(scope.deadline()), running(scope)));
    }
    scope.cancelledAround(
        Cancellation.deadline(scope.label(), DeadlineAccess.span(scope.deadline()), List.of()));
  }

  private static List<String> running(ScopeImpl scope) {
    try {
      var running = new ArrayList<String>();
      if (scope.isInBody()) {
        ThreadScope threadScope = scope.threadScope();
        running.add("its body, on " + threadScope.label() + StackTraces.of(threadScope.thread()));
      }
      int[] tasks = {0};
      scope.forEach(below -> {
        if (below instanceof ScopeTask task && !task.hasEnded() && !task.isIdle()) {
          if (++tasks[0] <= NAMED) {
            running.add(describe(task, tasks[0] <= PICTURED));
          }
        }
      });
      if (tasks[0] > NAMED) {
        running.add("and " + (tasks[0] - NAMED) + " more");
      }
      return running;
    } catch (Throwable t) {
      return List.of("the running tasks could not be listed: " + Throwables.describe(t));
    }
  }

  private static String describe(ScopeTask task, boolean withStack) {
    return task.name()
        + ", for "
        + task.ageNanos() / 1_000_000
        + " ms"
        + (withStack ? StackTraces.of(task.thread()) : "");
  }
}
