package dev.holdfast.bench;

import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.Handler;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The heap that an idle channel occupies, measured on a million; see the bytesPerChannel rows.
 *
 * <pre>mvn -Pjmh verify -Djmh.args="IdleChannel"</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx2g", "-XX:+UseSerialGC"})
@Warmup(iterations = 1)
@Measurement(iterations = 1)
public class IdleChannelBenchmark {

  private static final int CHANNELS = 1_000_000;

  /** The capacity. */
  @Param({"0", "16"})
  public int capacity;

  /** The result. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Heap {

    /** Bytes for each channel, without the reference to it. */
    public long bytesPerChannel;

    private long before;

    /** Resets the result. */
    @Setup(Level.Iteration)
    public void setUp() {
      before = used();
    }

    Object[] fill(Supplier<?> maker) {
      Object[] all = new Object[CHANNELS];
      before += 4 * CHANNELS;
      Arrays.setAll(all, i -> maker.get());
      return all;
    }

    void measure(Object[] all) {
      bytesPerChannel = (used() - before) / CHANNELS;
      Reference.reachabilityFence(all);
    }

    private static long used() {
      Runtime runtime = Runtime.getRuntime();
      for (int i = 0; i < 3; i++) {
        System.gc();
      }
      return runtime.totalMemory() - runtime.freeMemory();
    }
  }

  /** Channels of one scope that were never used. */
  @Benchmark
  public void holdfast(Heap heap) throws Exception {
    Scopes.run(scope -> {
      heap.measure(heap.fill(() -> scope.channel(capacity)));
    });
  }

  /** Channels of one scope that were full once and are empty again. */
  @Benchmark
  public void holdfastUsed(Heap heap) throws Exception {
    Scopes.run(scope -> {
      Object[] all = heap.fill(() -> scope.channel(capacity));
      if (capacity == 0) {
        scope.fork(() -> forEach(all, channel -> channel.send(Traffic.ELEMENT)));
        scope.fork(() -> forEach(all, Channel::receive));
      } else {
        scope.fork(() -> forEach(all, this::fillAndEmpty));
      }
      scope.join();
      heap.measure(all);
    });
  }

  private void fillAndEmpty(Channel<Integer> channel) throws InterruptedException {
    for (int i = 0; i < capacity; i++) {
      channel.send(Traffic.ELEMENT);
    }
    for (int i = 0; i < capacity; i++) {
      channel.receive();
    }
  }

  @SuppressWarnings("unchecked")
  private static void forEach(Object[] all, Handler<Channel<Integer>, RuntimeException> handler)
      throws InterruptedException {
    for (Object channel : all) {
      handler.handle((Channel<Integer>) channel);
    }
  }

  /** The JDK's SynchronousQueue and ArrayBlockingQueue. */
  @Benchmark
  public void queue(Heap heap) {
    heap.measure(
        heap.fill(
            () -> capacity == 0 ? new SynchronousQueue<>() : new ArrayBlockingQueue<>(capacity)));
  }
}
