package dev.holdfast.internal.background;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@LeavesNothing
class TickerTest {

  private static final Duration MILLI = Duration.ofMillis(1);

  @Test
  void a_ticker_can_be_closed_and_has_a_shortest_period() throws Exception {
    Scopes.run(scope -> {
      var ticker = scope.ticker(Duration.ofMillis(1));
      assertTrue(ticker.receive() >= 1);
      ticker.close();
      Poll.until(() -> TimerThread.alarms() == 0);
      assertEquals(0, TimerThread.alarms());
      assertThrows(IllegalArgumentException.class, () -> scope.ticker(Duration.ofNanos(999_999)));
    });
  }

  @Test
  void a_slow_receiver_finds_the_latest_tick() throws Exception {
    Scopes.run(scope -> {
      long begun = System.nanoTime();
      Channel<Long> ticks = scope.ticker(MILLI);
      long last = ticks.receive();
      assertTrue(last >= 1, () -> "the first tick is " + last);
      long sent = ticks.stats().sent();
      Poll.until(() -> ticks.stats().sent() >= sent + 3);
      long next = ticks.receive();
      assertTrue(next >= last + 3, () -> next + " is not the latest tick, " + last + " was before");
      assertTrue(next <= Duration.ofNanos(System.nanoTime() - begun).toMillis() + 1, "ahead");
    });
  }
}
