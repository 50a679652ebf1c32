package dev.holdfast;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
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
 * What it costs to start a worker and to stop it, beside a fork; and a thousand ticks at 1 kHz,
 * beside a scheduled executor: both should take a second, what is more is late.
 *
 * <pre>mvn -Pjmh verify -Djmh.args="WorkerBenchmark"</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class WorkerBenchmark {

  private static final int TICKS = 1000;

  /** A scope with a fork that returns. */
  @Benchmark
  public void fork() throws Exception {
    Scopes.run(scope -> scope.fork(() -> {}));
  }

  /** A scope with a worker that returns when it is asked to. */
  @Benchmark
  public void worker() throws Exception {
    Scopes.run(scope -> {
      Worker<String> worker =
          scope.worker(self -> {
            self.ready("up");
            Thread.sleep(Duration.ofDays(1));
          });
      worker.awaitReady();
    });
  }

  /** A thousand ticks. */
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @Warmup(iterations = 2)
  public void every() throws Exception {
    Scopes.run(scope -> {
      var ticks = new CountDownLatch(TICKS);
      scope.every(Duration.ofMillis(1), ticks::countDown);
      ticks.await();
    });
  }

  /** The same by the JDK. */
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @Warmup(iterations = 2)
  public void scheduledExecutor() throws Exception {
    try (ScheduledExecutorService executor = Executors.newScheduledThreadPool(1)) {
      var ticks = new CountDownLatch(TICKS);
      executor.scheduleAtFixedRate(ticks::countDown, 1, 1, TimeUnit.MILLISECONDS);
      ticks.await();
      executor.shutdownNow();
    }
  }
}
