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
 * The cost of a timeout that never elapses. jox 1.0.0 and JCTools have no timed receive.
 *
 * <pre>mvn -Pjmh verify -Djmh.args="TimedReceive -prof gc"</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 250, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 250, timeUnit = TimeUnit.MILLISECONDS)
public class TimedReceiveBenchmark {

  private static final int ELEMENTS = 200_000;
  private static final int CAPACITY = 16;

  /** The channel or queue. */
  @Param({"holdfast", "ArrayBlockingQueue", "LinkedBlockingQueue", "Kotlin"})
  String peer;

  private Traffic traffic;

  /** Creates the traffic. */
  @Setup
  public void setUp() {
    traffic = Traffic.of(peer);
  }

  /** Send, receive for a second at most. */
  @Benchmark
  @OperationsPerInvocation(ELEMENTS)
  public void timedReceive() throws Exception {
    traffic.aloneTimed(CAPACITY, ELEMENTS);
  }
}
