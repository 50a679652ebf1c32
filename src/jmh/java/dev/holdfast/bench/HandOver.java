package dev.holdfast.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** From thread to thread: an operation is an element that goes through one channel. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 250, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 250, timeUnit = TimeUnit.MILLISECONDS)
public abstract class HandOver {

  private static final int ELEMENTS = 200_000;
  private static final int PAIRS = 1_000;
  private static final int ELEMENTS_OF_PAIRS = 500_000;
  private static final int CHANNELS = 100;
  private static final int ELEMENTS_OF_CHAIN = 2_000;

  private Traffic traffic;

  abstract String peer();

  abstract int capacity();

  /** Creates the traffic. */
  @Setup
  public void setUp() {
    traffic = Traffic.of(peer());
  }

  /** One sender, one receiver. */
  @Benchmark
  @OperationsPerInvocation(ELEMENTS)
  public void oneToOne() throws Exception {
    traffic.crowds(capacity(), 1, 1, ELEMENTS);
  }

  /** Four senders and four receivers on one channel. */
  @Benchmark
  @OperationsPerInvocation(ELEMENTS)
  public void fourToFour() throws Exception {
    traffic.crowds(capacity(), 1, 4, ELEMENTS);
  }

  /** A thousand channels with a sender and a receiver each. */
  @Benchmark
  @OperationsPerInvocation(ELEMENTS_OF_PAIRS)
  public void thousandPairs() throws Exception {
    traffic.crowds(capacity(), PAIRS, 1, ELEMENTS_OF_PAIRS);
  }

  /** A hundred channels in a row. */
  @Benchmark
  @OperationsPerInvocation(CHANNELS * ELEMENTS_OF_CHAIN)
  public void chainOf100() throws Exception {
    traffic.chain(capacity(), CHANNELS, ELEMENTS_OF_CHAIN);
  }
}
