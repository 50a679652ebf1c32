package dev.holdfast.internal.background;

import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelClosedException;
import dev.holdfast.internal.timer.TimerQueue;
import java.time.Duration;

/** Sends the number of the tick at a fixed rate; who comes late finds the latest. */
public final class Ticker extends TimerQueue.Timer {

  /** All tickers of the JVM share a thread. */
  public static final Duration SHORTEST = Duration.ofMillis(1);

  private final TimerQueue timers;
  private final long period;
  private final Channel<Long> out;

  private long count;
  private long next;

  public Ticker(TimerQueue timers, long periodNanos, Channel<Long> out) {
    this.timers = timers;
    this.period = periodNanos;
    this.out = out;
  }

  public void start() {
    next = System.nanoTime() + period;
    timers.set(this, next);
  }

  @Override
  public void ring() {
    long ticks = 1 + Math.max(0, (System.nanoTime() - next) / period);
    count += ticks;
    next += ticks * period;
    try {
      out.trySend(count);
      timers.set(this, next);
    } catch (ChannelClosedException e) {
      // by the user, or at the end of the scope
    }
  }

  @Override
  public void drop() {}
}
