package dev.holdfast.doc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.Fork;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.simulation.Simulated;
import dev.holdfast.simulation.Simulation;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The examples of simulations in the documentation; they are tests themselves. */
@Tag("simulation")
class SimulationPatterns {

  // @start region="simulated-timeout"
  @Simulated
  void a_slow_answer_is_given_up() {
    assertThrows(
        ScopeTimeoutException.class,
        () -> Scopes.timeout(Duration.ofSeconds(30)).call(scope -> scope.channel(0).receive()));
  }

  // @end

  // @start region="simulated"
  @Simulated(seeds = 1000) // a failure says: replay it with -Dholdfast.seed=417
  void the_answer_takes_800_ms(Simulation simulation) throws Exception {
    Fork<String> answer =
        simulation.start(() -> {
          Scopes.sleep(Duration.ofMillis(800));
          return "ok";
        });
    simulation.settle(); // until no thread can run
    assertFalse(answer.isDone());
    simulation.advance(Duration.ofMillis(800));
    assertEquals("ok", answer.join());
  }

  // @end

  @Test
  void run() {
    // @start region="run"
    for (long seed = 0; seed < 1000; seed++) {
      Simulation.run(
          seed,
          simulation ->
              Scopes.run(scope -> {
                Channel<Integer> numbers = scope.channel(1);
                scope.fork(() -> numbers.send(1));
                assertEquals(1, numbers.receive());
              }));
    }
    // @end
  }

  /** Sells what it has. */
  interface Stock {
    boolean sellOne();
  }

  // @start region="racy-stock"
  static final class RacyStock implements Stock {

    private final AtomicInteger left = new AtomicInteger(1);

    @Override
    public boolean sellOne() {
      if (left.get() == 0) {
        return false;
      }
      Simulation.point(); // a scheduling point; does nothing outside a simulation
      left.decrementAndGet();
      return true;
    }
  }

  // @end

  // @start region="fixed-stock"
  static final class FixedStock implements Stock {

    private final AtomicInteger left = new AtomicInteger(1);

    @Override
    public boolean sellOne() {
      return left.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
    }
  }

  // @end

  // @start region="stock-test"
  static void one_item_is_sold_once(Stock stock) throws Exception {
    var sold = new AtomicInteger();
    Scopes.run(scope -> {
      for (int i = 0; i < 2; i++) {
        scope.fork(() -> {
          if (stock.sellOne()) {
            sold.incrementAndGet();
          }
        });
      }
      scope.join();
    });
    assertEquals(1, sold.get());
  }

  // @end

  @Simulated
  void the_fixed_stock_sells_once() throws Exception {
    one_item_is_sold_once(new FixedStock());
  }

  // @start region="testable"
  static final class Session {

    private final InstantSource clock;
    private Instant lastUsed;

    Session(InstantSource clock) {
      this.clock = clock;
      this.lastUsed = clock.instant();
    }

    void use() {
      lastUsed = clock.instant();
    }

    boolean isOver() {
      return !clock.instant().isBefore(lastUsed.plus(Duration.ofMinutes(30)));
    }
  }

  @Simulated(seeds = 1)
  void a_session_ends_after_half_an_hour(Simulation simulation) throws Exception {
    var session = new Session(simulation.clock());
    Scopes.sleep(Duration.ofMinutes(29));
    session.use();
    Scopes.sleep(Duration.ofMinutes(29));
    assertFalse(session.isOver());
    Scopes.sleep(Duration.ofMinutes(1));
    assertEquals(true, session.isOver());
  }
  // @end
}
