package dev.holdfast;

import java.time.Duration;
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
 * What it costs to start a worker and to stop it, compared with a fork.
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
}
