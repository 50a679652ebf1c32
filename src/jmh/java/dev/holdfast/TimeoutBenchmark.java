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
 * The cost of a timeout that does not expire.
 *
 * <pre>mvn -Pjmh verify -Djmh.args="Timeout"</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TimeoutBenchmark {

  private final ScopeSpec plain = Scopes.named("plain");
  private final ScopeSpec seconds = plain.timeout(Duration.ofSeconds(5));
  private final ScopeSpec millis = plain.timeout(Duration.ofMillis(50));

  /** No timeout. */
  @Benchmark
  public int none() throws InterruptedException {
    return plain.call(scope -> 1);
  }

  /** A timeout of seconds. */
  @Benchmark
  public int fiveSeconds() throws InterruptedException {
    return seconds.call(scope -> 1);
  }

  /** A timeout shorter than the housekeeper's idle time. */
  @Benchmark
  public int fiftyMillis() throws InterruptedException {
    return millis.call(scope -> 1);
  }
}
