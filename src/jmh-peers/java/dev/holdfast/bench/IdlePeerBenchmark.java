package dev.holdfast.bench;

import java.util.concurrent.TimeUnit;
import kotlinx.coroutines.channels.BufferOverflow;
import kotlinx.coroutines.channels.ChannelKt;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** {@code IdleChannelBenchmark} for jox and Kotlin. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx2g", "-XX:+UseSerialGC"})
@Warmup(iterations = 1)
@Measurement(iterations = 1)
public class IdlePeerBenchmark {

  /** The capacity. */
  @Param({"0", "16"})
  public int capacity;

  /** jox. */
  @Benchmark
  public void jox(IdleChannelBenchmark.Heap heap) {
    heap.measure(
        heap.fill(() ->
            capacity == 0
                ? com.softwaremill.jox.Channel.newRendezvousChannel()
                : com.softwaremill.jox.Channel.newBufferedChannel(capacity)));
  }

  /** Kotlin. */
  @Benchmark
  public void kotlin(IdleChannelBenchmark.Heap heap) {
    heap.measure(heap.fill(() -> ChannelKt.Channel(capacity, BufferOverflow.SUSPEND, null)));
  }
}
