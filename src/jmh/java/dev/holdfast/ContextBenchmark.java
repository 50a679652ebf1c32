package dev.holdfast;

import io.micrometer.context.ContextRegistry;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs a fork to carry thread-locals: with none registered, with some, and with values in
 * them.
 *
 * <pre>mvn -Pjmh verify -Djmh.args="Context -prof gc"</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ContextBenchmark {

  /** How many thread-locals are carried. */
  @Param({"0", "1", "4"})
  public int carried;

  /** Registers them. */
  @Setup
  public void setUp() {
    for (int i = 0; i < carried; i++) {
      var local = new ThreadLocal<String>();
      local.set("value " + i);
      ContextRegistry.getInstance().registerThreadLocalAccessor("local-" + i, local);
    }
  }

  /** A scope with one fork. */
  @Benchmark
  public void fork() throws Exception {
    Scopes.run(scope -> scope.fork(() -> {}));
  }
}
