package dev.holdfast.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One thread that receives from several channels, each of which has a sender of its own.
 *
 * <p>{@code holdfast} takes any of the ready clauses; {@code holdfast-in-order}, jox and Kotlin
 * take the first.
 *
 * <pre>mvn -Pjmh verify -Djmh.args="SelectBenchmark -prof gc"</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 250, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 250, timeUnit = TimeUnit.MILLISECONDS)
public class SelectBenchmark {

  private static final int ELEMENTS = 100_000;

  /** The channel or queue. */
  @Param({"holdfast", "holdfast-in-order", "Jox", "Kotlin"})
  String peer;

  private Traffic traffic;

  /** Creates the traffic. */
  @Setup
  public void setUp() {
    traffic = Traffic.of(peer);
  }

  /** Two channels of capacity 0. */
  @Benchmark
  @OperationsPerInvocation(ELEMENTS)
  public void overTwo() throws Exception {
    traffic.select(0, 2, ELEMENTS);
  }

  /** Eight channels of capacity 16. */
  @Benchmark
  @OperationsPerInvocation(ELEMENTS)
  public void overEight() throws Exception {
    traffic.select(16, 8, ELEMENTS);
  }
}
