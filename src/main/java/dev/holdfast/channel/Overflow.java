package dev.holdfast.channel;

/**
 * What a send does when a channel is full.
 *
 * @since 0.1
 */
public enum Overflow {
  /** It waits until there is room. */
  BLOCK,
  /** It drops the oldest element, or the new one if the capacity is 0. It never waits. */
  DROP_OLDEST,
  /** It drops the new element. It never waits. */
  DROP_NEWEST
}
