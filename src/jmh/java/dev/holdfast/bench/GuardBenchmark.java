package dev.holdfast.bench;

import dev.holdfast.Guard;
import dev.holdfast.ScopeSpec;
import dev.holdfast.Scopes;
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
 * What a guard that is not full adds to the scope it opens, in time and in bytes.
 *
 * <pre>mvn -Pjmh verify -Djmh.args="GuardBenchmark -prof gc"</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class GuardBenchmark {

  private final Guard guard = Guard.named("guard").maxConcurrent(500);
  private final Guard waiting = guard.waitingUpTo(Duration.ofSeconds(1));
  private final ScopeSpec bare = Scopes.timeout(Duration.ofSeconds(10)).named("bare");

  /** The scope alone. */
  @Benchmark
  public int scope() throws InterruptedException {
    return bare.call(scope -> 1);
  }

  /** The same scope, opened by a guard that rejects when it is full. */
  @Benchmark
  public int guard() throws InterruptedException {
    return guard.call(scope -> 1);
  }

  /** The same, with a guard that lets callers wait. */
  @Benchmark
  public int waitingGuard() throws InterruptedException {
    return waiting.call(scope -> 1);
  }
}
