package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.channel.Channel;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Opens and closes a service many times, and makes it fail in every way.
 *
 * <p>A few hundred times; {@code mvn test -Dtest=ServiceSoakTest -Dholdfast.rounds.factor=34} does
 * it ten thousand times.
 */
@LeavesNothing
class ServiceSoakTest {

  private static final int WORKERS = 20;
  private static final int TIMERS = 5;
  private static final int CHANNELS = 4;
  private static final long MOST_GROWTH = 1 << 20;

  private final AtomicInteger starts = new AtomicInteger();
  private final AtomicInteger ends = new AtomicInteger();

  /** What the service does to fail. */
  private static final class Planned extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Planned() {
      super("planned", null, false, false);
    }
  }

  /** A strong reference; otherwise the level could be forgotten. */
  private final Logger logger = Logger.getLogger("dev.holdfast");

  @BeforeEach
  void silence() {
    logger.setLevel(Level.OFF); // a warning for each restart
  }

  @AfterEach
  void speak() {
    logger.setLevel(null);
  }

  @Test
  void a_service_leaves_nothing_behind_however_it_ends() throws Exception {
    LawFixtures.play(LawFixtures.VIRTUAL, 20, this::round); // loads all classes
    Poll.until(() -> TimerThread.alarms() == 0);
    long before = used();
    int threads = Thread.activeCount();
    LawFixtures.play(LawFixtures.VIRTUAL, 300, this::round);
    Poll.until(() -> TimerThread.alarms() == 0);
    assertEquals(0, TimerThread.alarms());
    assertEquals(0, ThreadScope.count());
    assertTrue(Thread.activeCount() <= threads + 1, "threads: " + Thread.activeCount());
    Poll.until(() -> used() - before < MOST_GROWTH); // once is enough: other threads allocate
  }

  private static long used() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private void round(SplittableRandom random) throws Exception {
    ScopeSpec spec =
        Scopes.named("service")
            .grace(random.nextBoolean() ? Duration.ZERO : Duration.ofMillis(2))
            .timeout(random.nextInt(4) == 0 ? Duration.ofMillis(3) : Duration.ofSeconds(30));
    try {
      spec.run(scope -> serve(scope, random));
    } catch (Planned | ScopeException e) {
      // expected
    }
    assertEquals(starts.get(), ends.get());
  }

  private void serve(Scope scope, SplittableRandom random) throws InterruptedException {
    List<Channel<Integer>> channels = new ArrayList<>();
    for (int i = 0; i < CHANNELS; i++) {
      channels.add(scope.channel(i));
    }
    for (int i = 0; i < WORKERS; i++) {
      SplittableRandom own = random.split();
      Restart restart =
          own.nextInt(3) == 0
              ? Restart.never()
              : Restart.always()
                  .backoff(Duration.ZERO, 1, Duration.ZERO)
                  .atMost(100, Duration.ofHours(1));
      scope.worker(restart, self -> counted(() -> work(self, channels, own)));
    }
    for (int i = 0; i < TIMERS; i++) {
      SplittableRandom own = random.split();
      if (i % 2 == 0) {
        scope.every(Duration.ofNanos(500_000), () -> counted(() -> fail(own, 200)));
      } else {
        scope.after(Duration.ofMillis(own.nextInt(5)), () -> counted(() -> fail(own, 50)));
      }
    }
    scope.executor().execute(() -> channels.get(1).trySend(-1));
    switch (random.nextInt(5)) {
      case 0 -> throw new Planned();
      case 1 -> scope.cancel("planned");
      default -> Thread.sleep(Duration.ofNanos(random.nextInt(3_000_000)));
    }
  }

  private void counted(Action action) throws Exception {
    starts.incrementAndGet();
    try {
      action.run();
    } finally {
      ends.incrementAndGet();
    }
  }

  private static void work(
      Worker<Object> self, List<Channel<Integer>> channels, SplittableRandom random)
      throws InterruptedException {
    self.ready("up");
    while (!self.stopping()) {
      Channel<Integer> channel = channels.get(random.nextInt(CHANNELS));
      if (random.nextBoolean()) {
        channel.send(1, Duration.ofNanos(random.nextInt(1_000_000)));
      } else {
        channel.receive(Duration.ofNanos(random.nextInt(1_000_000)));
      }
      fail(random, 500);
    }
  }

  private static void fail(SplittableRandom random, int seldom) {
    if (random.nextInt(seldom) == 0) {
      throw new Planned();
    }
  }
}
