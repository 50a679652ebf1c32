package dev.holdfast.simulation;

import dev.holdfast.simulation.engine.FaultPlan;

/**
 * A fault that a simulation may insert at a scheduling point.
 *
 * <p>With an even seed, a run has one fault, and consecutive even seeds insert it at consecutive
 * steps. With an odd seed, faults occur at random.
 *
 * @since 0.1
 */
public enum Fault {

  /** A thread pauses for 1 us to 8 s of virtual time, while others overtake it. */
  DELAY(FaultPlan.Kind.DELAY),

  /** The innermost scope or task of the running code is cancelled. */
  CANCEL(FaultPlan.Kind.CANCEL),

  /** The next timer fires although threads can run: a deadline passes, for example. */
  TIME_OUT(FaultPlan.Kind.TIME_OUT),

  /** The thread is interrupted from outside. */
  INTERRUPT(FaultPlan.Kind.INTERRUPT);

  final FaultPlan.Kind kind;

  Fault(FaultPlan.Kind kind) {
    this.kind = kind;
  }
}
