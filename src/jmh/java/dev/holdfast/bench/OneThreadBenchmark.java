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
 * The cost of an element without waiting: one virtual thread sends it and receives it.
 *
 * <pre>mvn -Pjmh verify -Djmh.args="OneThread -prof gc"</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 250, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 250, timeUnit = TimeUnit.MILLISECONDS)
public class OneThreadBenchmark {

  private static final int ELEMENTS = 200_000;
  private static final int CAPACITY = 16;

  /** The channel or queue. */
  @Param({"holdfast", "ArrayBlockingQueue", "LinkedBlockingQueue", "Jox", "Kotlin", "JCTools"})
  String peer;

  private Traffic traffic;

  /** Creates the traffic. */
  @Setup
  public void setUp() {
    traffic = Traffic.of(peer);
  }

  /** Send, receive. */
  @Benchmark
  @OperationsPerInvocation(ELEMENTS)
  public void sendReceive() throws Exception {
    traffic.alone(CAPACITY, ELEMENTS);
  }

  /** Try to send, try to receive. */
  @Benchmark
  @OperationsPerInvocation(ELEMENTS)
  public void trySendTryReceive() throws Exception {
    traffic.aloneTrying(CAPACITY, ELEMENTS);
  }
}
