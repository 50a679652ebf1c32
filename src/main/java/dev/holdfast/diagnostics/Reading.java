package dev.holdfast.diagnostics;

import dev.holdfast.inspect.ScopeStats;
import java.util.Map;

/**
 * The figures of one moment, by name. They hold on to nothing that lives.
 *
 * @param scopes never without {@link ScopeStats#UNNAMED}
 * @param channels those that are there now and have a name
 */
record Reading(Map<String, OfScope> scopes, Map<String, OfChannel> channels) {

  /** What {@link #scope} and {@link #channel} tell of names they do not know. */
  private static final OfScope NO_SCOPE =
      new OfScope(new ScopeStats(ScopeStats.OTHERS, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 0, 0);

  private static final OfChannel NO_CHANNEL = new OfChannel(0, 0, 0, 0, 0, 0, 0);

  OfScope scope(String name) {
    return scopes.getOrDefault(name, NO_SCOPE);
  }

  OfChannel channel(String name) {
    return channels.getOrDefault(name, NO_CHANNEL);
  }

  /** All scopes of one name. */
  record OfScope(ScopeStats stats, long oldestNanos, int stuck) {

    static OfScope of(ScopeStats stats) {
      return new OfScope(stats, 0, 0);
    }

    OfScope andTask(long ageNanos) {
      return ageNanos > oldestNanos ? new OfScope(stats, ageNanos, stuck) : this;
    }

    OfScope andStuck() {
      return new OfScope(stats, oldestNanos, stuck + 1);
    }
  }

  /** All channels of one name: sums, and of times the longest. */
  record OfChannel(
      long size,
      long capacity,
      long waitingSenders,
      long waitingReceivers,
      long sendingNanos,
      long receivingNanos,
      long selectingNanos) {

    OfChannel and(OfChannel other) {
      return new OfChannel(
          size + other.size,
          capacity + other.capacity,
          waitingSenders + other.waitingSenders,
          waitingReceivers + other.waitingReceivers,
          Math.max(sendingNanos, other.sendingNanos),
          Math.max(receivingNanos, other.receivingNanos),
          Math.max(selectingNanos, other.selectingNanos));
    }
  }
}
