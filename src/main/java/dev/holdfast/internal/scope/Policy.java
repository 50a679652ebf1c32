package dev.holdfast.internal.scope;

/** How a scope takes the failures of its tasks. */
public enum Policy {
  /** The first cancels the scope, and comes out as the cause of a ForkFailedException. */
  BLOCK,
  /** The first cancels the scope, and comes out itself. */
  AGGREGATE,
  /** The combinator on top decides; an Error that it does not let out is reported. */
  RACE,
  /** Failures are results; they are lost only if there is no result. */
  SETTLE
}
