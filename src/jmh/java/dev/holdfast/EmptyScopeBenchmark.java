package dev.holdfast;

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
 * What a scope costs in which nothing is forked.
 *
 * <pre>mvn -Pjmh verify -Djmh.args="EmptyScope -prof gc"</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class EmptyScopeBenchmark {

  private final ScopeSpec named = Scopes.named("empty");

  /** Holdfast. */
  @Benchmark
  public int holdfast() throws InterruptedException {
    return named.call(scope -> 1);
  }

  /** Holdfast, a scope inside a scope. */
  @Benchmark
  public int holdfastNested() throws InterruptedException {
    return named.call(outer -> named.call(inner -> 1));
  }

  /** The JDK's scope that Holdfast builds on. */
  @Benchmark
  public int structuredTaskScope() throws Throwable {
    BareScope scope = BareScope.open();
    try {
      scope.join();
      return 1;
    } finally {
      scope.close();
    }
  }
}
