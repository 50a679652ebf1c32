package dev.holdfast.channel;

/**
 * What a send does when a channel is full.
 *
 * @since 0.1
 */
public enum Overflow {
  /** It waits for room. */
  BLOCK,
  /** It displaces the oldest element; without a buffer, that is the new one. Never waits. */
  DROP_OLDEST,
  /** It drops the element it was given. Never waits. */
  DROP_NEWEST
}
