package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.diagnostics.HoldfastMetrics;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import dev.holdfast.testing.Warnings;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.cumulative.CumulativeTimer;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.pause.PauseDetector;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** While user code that the library calls blocks, the deadlines of other scopes are on time. */
@Tag("one-carrier")
@LeavesNothing
class Law13SlowUserCodeTest {

  private static final ThreadFactory PLATFORM = Thread.ofPlatform().daemon().factory();
  private static final Duration SHORT = Duration.ofMillis(20);

  /** Generous: the machine may be busy. User code blocks until the test has its answer. */
  private static final long LATE_MILLIS = 4000;

  @RegisterExtension final Warnings warnings = new Warnings();

  private static final int CALLS = 4;

  private final CountDownLatch reached = new CountDownLatch(CALLS);
  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void release() {
    release.countDown();
  }

  /** User code that the library calls, and a scope in which it does. */
  enum Slow {
    ON_CANCEL {
      @Override
      void run(Runnable slow) throws Exception {
        Scopes.timeout(SHORT)
            .run(scope -> {
              scope.onCancel(slow::run);
              Blocked.forever();
            });
      }
    },
    ON_EXIT {
      @Override
      void run(Runnable slow) throws Exception {
        Scopes.run(scope -> scope.onExit(slow::run));
      }
    },
    UNDELIVERED {
      @Override
      void run(Runnable slow) throws Exception {
        Scopes.run(scope -> {
          var spec = ChannelSpec.<Integer>of(1).onUndelivered(element -> slow.run());
          scope.channel(spec).send(1);
          throw new IllegalStateException("enough");
        });
      }
    },
    DISCARDED {
      @Override
      void run(Runnable slow) throws Exception {
        Scopes.named("discarding")
            .onDiscarded(value -> slow.run())
            .run(scope -> {
              scope.fork(() -> 1);
              scope.join();
              throw new IllegalStateException("enough");
            });
      }
    },
    UNCAUGHT_EXCEPTION {
      @Override
      void run(Runnable slow) throws Exception {
        Scopes.isolated()
            .threads(Thread.ofVirtual().uncaughtExceptionHandler((t, e) -> slow.run()).factory())
            .run(scope -> {
              scope.fork(() -> {
                throw new IllegalStateException("marker");
              });
              scope.join();
              throw new IllegalStateException("enough");
            });
      }
    },
    LOGGER {
      @Override
      void run(Runnable slow) throws Exception {
        Logger logger = Logger.getLogger("dev.holdfast");
        var handler =
            new Handler() {
              @Override
              public void publish(LogRecord record) {
                slow.run();
              }

              @Override
              public void flush() {}

              @Override
              public void close() {}
            };
        logger.addHandler(handler);
        try {
          Scopes.timeout(SHORT).run(scope -> slow.run()); // it is stuck, and the log says so
        } finally {
          logger.removeHandler(handler);
        }
      }
    },
    REPORT_LISTENER {
      @Override
      @SuppressWarnings("try") // held for its lifetime
      void run(Runnable slow) throws Exception {
        try (var listening = Inspect.onReport(report -> slow.run())) {
          Scopes.timeout(SHORT).run(scope -> slow.run());
        }
      }
    },
    EXPLAINER {
      @Override
      @SuppressWarnings("try") // held for its lifetime
      void run(Runnable slow) throws Exception {
        try (var explaining =
            Inspect.explainWith(thread -> {
              slow.run();
              return "";
            })) {
          Scopes.timeout(SHORT).run(scope -> slow.run());
        }
      }
    },
    METER {
      @Override
      void run(Runnable slow) throws Exception {
        var registry =
            new SimpleMeterRegistry() {
              @Override
              protected Timer newTimer(
                  Meter.Id id, DistributionStatisticConfig config, PauseDetector pauses) {
                return new CumulativeTimer(id, clock, config, pauses, getBaseTimeUnit()) {
                  @Override
                  protected void recordNonNegative(long amount, TimeUnit unit) {
                    slow.run();
                    super.recordNonNegative(amount, unit);
                  }
                };
              }
            };
        try (var metrics = new HoldfastMetrics()) {
          metrics.bindTo(registry);
          assertThrows(
              ScopeTimeoutException.class,
              () -> Scopes.timeout(SHORT).run(scope -> Blocked.forever()));
          Poll.until(() -> recordsTheTimeToClose(registry));
        }
      }

      // The figures are cached for half a second, so the first reading may be too early.
      private boolean recordsTheTimeToClose(SimpleMeterRegistry registry) {
        double unused = registry.get("holdfast.scopes.timed.out").functionCounter().count();
        return registry.get("holdfast.scope.close").timer().count() > 0;
      }
    },
    NEW_METER {
      @Override
      void run(Runnable slow) throws Exception {
        var registry = new SimpleMeterRegistry();
        registry.config().onMeterAdded(meter -> slow.run());
        try (var metrics = new HoldfastMetrics()) {
          metrics.bindTo(registry);
        }
      }
    },
    TICK {
      @Override
      void run(Runnable slow) throws Exception {
        Scopes.run(scope -> {
          scope.every(
              Duration.ofMillis(1),
              () -> {
                slow.run();
                throw new IllegalStateException("enough");
              });
          Blocked.forever();
        });
      }
    };

    abstract void run(Runnable slow) throws Exception;
  }

  @ParameterizedTest
  @EnumSource
  void delays_no_deadline_of_another_scope(Slow slow) throws Exception {
    List<OnThread<Void>> owners = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      owners.add(OnThread.run(PLATFORM, () -> slow.run(this::block)));
    }
    LawFixtures.await(reached);
    long onPlatformThread = OnThread.start(PLATFORM, Law13SlowUserCodeTest::lateMillis).value();
    long onVirtualThread = OnThread.start(Law13SlowUserCodeTest::lateMillis).value();
    release.countDown();
    owners.forEach(owner -> assertMeant(owner.thrown()));
    long late = Math.max(onPlatformThread, onVirtualThread);
    assertTrue(late < LATE_MILLIS, () -> "late by " + late + " ms");
  }

  @Test
  void a_storm_of_cancellations_ends_and_delays_no_deadline_of_another_scope() throws Exception {
    int forks = 20_000;
    var up = new CountDownLatch(forks);
    OnThread<Void> storm =
        OnThread.run(() ->
            Scopes.run(scope -> {
              for (int i = 0; i < forks; i++) {
                scope.fork(() -> {
                  up.countDown();
                  return Blocked.forever();
                });
              }
              up.await();
              scope.cancel("storm");
            }));
    up.await();
    long cancelled = System.nanoTime();
    long most = 0;
    while (storm.thread().isAlive()) {
      long begun = System.nanoTime();
      assertThrows(
          ScopeTimeoutException.class,
          () -> Scopes.timeout(Duration.ofMillis(10)).run(scope -> Blocked.forever()));
      most = Math.max(most, System.nanoTime() - begun);
    }
    storm.end();
    // On a busy machine some deadline is late, but none by most of the storm.
    long all = Math.max(5_000_000_000L, (System.nanoTime() - cancelled) / 2);
    assertTrue(most < all, "a deadline of 10 ms took " + most / 1_000_000 + " ms");
  }

  /** Fails if a case failed otherwise than it means to. */
  private static void assertMeant(Throwable thrown) {
    boolean meant = thrown == null || thrown instanceof ScopeTimeoutException;
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      meant |= "enough".equals(t.getMessage());
    }
    if (!meant) {
      throw new AssertionError("the case failed", thrown);
    }
  }

  private void block() {
    reached.countDown();
    Blocked.stubbornly(release);
  }

  private static long lateMillis() {
    long begun = System.nanoTime();
    assertThrows(
        ScopeTimeoutException.class, () -> Scopes.timeout(SHORT).run(scope -> Blocked.forever()));
    return (System.nanoTime() - begun) / 1_000_000 - SHORT.toMillis();
  }
}
