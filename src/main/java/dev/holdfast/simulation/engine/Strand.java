package dev.holdfast.simulation.engine;

import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A thread of a simulation. All fields but {@link #turn} are guarded by the controller's lock. */
final class Strand {

  enum State {
    /** Can continue: it is about to begin, is at a scheduling point, or was awakened. */
    READY,
    /** Has the turn. */
    RUNNING,
    /** Is parked in Holdfast, or in the simulation. */
    WAITING,
    /** Lost the turn because it blocked outside Holdfast; other code may wake it at any time. */
    BLOCKED,
    /** Lost the turn because it called {@link Thread#yield} in a loop. */
    SPINNING,
    ENDED
  }

  /** Its number in the order in which the threads were created. */
  final int id;

  final Thread thread;

  private final Supplier<String> label;

  volatile State state = State.READY;

  /** Whether a wake-up came while it did not wait. */
  boolean permit;

  /** Whether its wait ends only when its time has come, and not at a wake-up. */
  boolean delayed;

  /** The time until which it waits for all others to wait; only in settle and advance. */
  long settlesAt = NONE;

  /** How many decisions were made when it was the last to have the turn. */
  int decisions;

  /** How many turns in a row it was given while others were ready. */
  int streak;

  /** Its priority, the largest first; only for a schedule by priorities. */
  long priority;

  /** Whether its blocked stack was checked for sockets. */
  boolean examined;

  /** Whether it is blocked at a monitor. */
  boolean atMonitor;

  static final long NONE = Long.MIN_VALUE;

  /** Whether it has been given the turn and has not taken it yet. */
  volatile boolean turn;

  /** The referee, while it waits for this strand to take the turn. */
  private volatile @Nullable Thread awaitedBy;

  Strand(int id, Thread thread, Supplier<String> label) {
    this.id = id;
    this.thread = thread;
    this.label = label;
  }

  /** {@return what the thread is for; not computed before a report needs it} */
  String label() {
    return label.get();
  }

  void takeTurn() {
    turn = false;
    Thread waiting = awaitedBy;
    if (waiting != null) {
      awaitedBy = null;
      LockSupport.unpark(waiting);
    }
  }

  /** Waits until this strand takes the turn that it has been given. */
  void awaitTaking() {
    awaitedBy = Thread.currentThread();
    if (turn) {
      LockSupport.park(this);
    }
  }

  /** {@return whether the thread runs code at this moment, as far as the JVM can say} */
  boolean isRunnable() {
    return thread.getState() == Thread.State.RUNNABLE;
  }

  /** {@return whether it is a virtual thread that waits for its carrier, or is parked} */
  boolean isOffCarrier() {
    return thread.isVirtual() && thread.toString().indexOf('@') < 0;
  }

  /** {@return whether it has called {@code Thread.yield}; if not, it was woken and will run} */
  boolean isInYield() {
    for (StackTraceElement frame : thread.getStackTrace()) {
      if (frame.getMethodName().equals("tryYield")
          && frame.getClassName().equals("java.lang.VirtualThread")) {
        return true;
      }
    }
    return false;
  }

  boolean isAtMonitor() {
    return state == State.BLOCKED && atMonitor;
  }

  /** {@return whether it waits for a lock or a condition of {@code java.util.concurrent.locks}} */
  boolean isAtLock() {
    Object blocker = LockSupport.getBlocker(thread);
    return blocker != null
        && !atMonitor
        && blocker.getClass().getName().startsWith("java.util.concurrent.locks.");
  }

  /** {@return whether the thread is parked at a monitor, and not by {@code LockSupport}} */
  boolean findMonitor() {
    Thread.State now = thread.getState();
    if (now == Thread.State.BLOCKED) {
      return true;
    }
    for (StackTraceElement frame : thread.getStackTrace()) {
      if (frame.getClassName().equals("java.lang.Object")) {
        return true;
      }
      if (!frame.isNativeMethod() && !frame.getClassName().startsWith("java.lang.")) {
        return false;
      }
    }
    return false;
  }

  boolean hasEnded() {
    Thread.State now = thread.getState();
    return now == Thread.State.TERMINATED || (now == Thread.State.NEW && turn);
  }

  @Override
  public String toString() {
    return label();
  }

  /** {@return the strand with the earlier settling time} */
  static @Nullable Strand earlier(@Nullable Strand a, Strand b) {
    return a == null || b.settlesAt - a.settlesAt < 0 ? b : a;
  }
}
