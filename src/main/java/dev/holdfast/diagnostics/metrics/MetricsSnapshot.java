package dev.holdfast.diagnostics.metrics;

import dev.holdfast.inspect.CarrierStats;
import dev.holdfast.inspect.ScopeStats;
import dev.holdfast.internal.telemetry.ScopeCounters;
import java.util.Map;

/**
 * The figures of one moment, by name. It refers to no scope or channel.
 *
 * @param scopes the figures of scopes; {@link ScopeStats#UNNAMED} is always among the names
 * @param channels the figures of open channels that have a name
 * @param carriers how long virtual threads wait for a carrier
 */
record MetricsSnapshot(
    Map<String, ScopeFigures> scopes, Map<String, ChannelFigures> channels, CarrierStats carriers) {

  // The results of scope() and channel() for unknown names.
  private static final ScopeFigures NO_SCOPE =
      new ScopeFigures(
          new ScopeStats(ScopeStats.OTHERS, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
          0,
          new long[0],
          0,
          0);

  private static final ChannelFigures NO_CHANNEL = new ChannelFigures(0, 0, 0, 0, 0, 0, 0);

  ScopeFigures scope(String name) {
    return scopes.getOrDefault(name, NO_SCOPE);
  }

  ChannelFigures channel(String name) {
    return channels.getOrDefault(name, NO_CHANNEL);
  }

  /** The figures of all scopes with the same name. */
  @SuppressWarnings("ArrayRecordComponent") // no two are compared
  record ScopeFigures(
      ScopeStats stats, long taskNanos, long[] closings, long oldestNanos, int stuck) {

    static ScopeFigures of(ScopeCounters counters) {
      // Reads the time before the counts, so that a mean is too small rather than too large.
      long taskNanos = counters.taskNanos.sum();
      return new ScopeFigures(counters.stats(), taskNanos, counters.closingTimes.counts(), 0, 0);
    }

    long endedTasks() {
      return stats.succeeded() + stats.failed() + stats.cancelled();
    }

    ScopeFigures withTask(long ageNanos) {
      return ageNanos > oldestNanos
          ? new ScopeFigures(stats, taskNanos, closings, ageNanos, stuck)
          : this;
    }

    ScopeFigures withStuck() {
      return new ScopeFigures(stats, taskNanos, closings, oldestNanos, stuck + 1);
    }
  }

  /** The figures of all channels with the same name: sums, and the longest times. */
  record ChannelFigures(
      long size,
      long capacity,
      long waitingSenders,
      long waitingReceivers,
      long sendingNanos,
      long receivingNanos,
      long selectingNanos) {

    ChannelFigures plus(ChannelFigures other) {
      return new ChannelFigures(
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
