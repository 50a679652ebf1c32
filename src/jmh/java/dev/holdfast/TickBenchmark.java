package dev.holdfast;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How late the ticks of a 1 kHz timer are, in two seconds: the mean, the worst, the last, which is
 * the drift, and how many were left out; read the rows of the counters.
 *
 * <pre>mvn -Pjmh verify -Djmh.args="Tick"</pre>
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 1)
@Measurement(iterations = 3)
public class TickBenchmark {

  private static final int TICKS = 2000;
  private static final Duration PERIOD = Duration.ofMillis(1);

  /** The figures. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Late {

    /** On average. */
    public long meanNanos;

    /** At most. */
    public long worstNanos;

    /** At the end. */
    public long lastNanos;

    /** Ticks that were left out. */
    public long missed;

    private long begun;
    private long sum;
    private int ticks;
    private CountDownLatch done = new CountDownLatch(1);

    void begin() {
      sum = 0;
      ticks = 0;
      worstNanos = 0;
      done = new CountDownLatch(1);
      begun = System.nanoTime();
    }

    /** Called at each tick, with its number on the grid. */
    void tick(long number) {
      if (done.getCount() > 0) {
        lastNanos = System.nanoTime() - begun - number * PERIOD.toNanos();
        sum += lastNanos;
        ticks++;
        missed = number - ticks;
        worstNanos = Math.max(worstNanos, lastNanos);
        if (number >= TICKS) {
          meanNanos = sum / ticks;
          done.countDown();
        }
      }
    }
  }

  /** Holdfast. */
  @Benchmark
  public void every(Late late) throws Exception {
    Scopes.run(scope -> {
      // The first tick may come before every() has returned.
      var self = new CompletableFuture<Worker<?>>();
      late.begin();
      self.complete(
          scope.every(
              PERIOD,
              () -> {
                WorkerStats stats = self.join().stats();
                late.tick(stats.ticks() + stats.missed());
              }));
      late.done.await();
    });
  }

  /** The JDK. */
  @Benchmark
  public void scheduledExecutor(Late late) throws Exception {
    try (ScheduledExecutorService executor = Executors.newScheduledThreadPool(1)) {
      var number = new AtomicLong();
      late.begin();
      executor.scheduleAtFixedRate(
          () -> late.tick(number.incrementAndGet()),
          PERIOD.toNanos(),
          PERIOD.toNanos(),
          TimeUnit.NANOSECONDS);
      late.done.await();
      executor.shutdownNow();
    }
  }
}
