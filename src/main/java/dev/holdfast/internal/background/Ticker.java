package dev.holdfast.internal.background;

import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelClosedException;
import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.channel.Overflow;
import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.timer.TimerQueue;
import dev.holdfast.internal.util.Checks;
import java.time.Duration;

/** Sends tick numbers at a fixed rate; a late receiver finds only the latest. */
final class Ticker extends TimerQueue.Timer {

  /** All tickers of the JVM share a thread. */
  private static final Duration SHORTEST = Duration.ofMillis(1);

  private final long period;
  private final Channel<Long> out;

  private long count;
  private long next;

  private Ticker(long periodNanos, Channel<Long> out) {
    this.period = periodNanos;
    this.out = out;
    this.next = Clock.nanoTime() + periodNanos;
  }

  /** Refuses a period that is too short. */
  static void check(Duration period) {
    if (Checks.positive(period, "period").compareTo(SHORTEST) < 0) {
      throw new IllegalArgumentException("period must be at least " + SHORTEST + ", was " + period);
    }
  }

  static Channel<Long> start(ScopeImpl scope, TimerQueue timers, Duration period) {
    Channel<Long> out =
        ScopeChannels.open(scope, ChannelSpec.<Long>of(1).overflow(Overflow.DROP_OLDEST));
    var ticker = new Ticker(period.toNanos(), out);
    timers.set(ticker, ticker.next);
    return out;
  }

  @Override
  public long due() {
    long ticks = 1 + Math.max(0, (Clock.nanoTime() - next) / period);
    count += ticks;
    next += ticks * period;
    return out.isClosed() ? NEVER : next;
  }

  @Override
  public void ring() {
    try {
      out.trySend(count);
    } catch (ChannelClosedException e) {
      // closed by the user or by the end of the scope
    }
  }

  @Override
  public void drop() {}
}
