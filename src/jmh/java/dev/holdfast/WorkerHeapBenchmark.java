package dev.holdfast;

import dev.holdfast.channel.Channel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How much heap a worker holds that waits at a channel, and an action whose delay is not over; read
 * the bytesPerTask rows.
 *
 * <pre>mvn -Pjmh verify -Djmh.args="WorkerHeap"</pre>
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx2g", "-XX:+UseSerialGC"})
@Warmup(iterations = 3)
@Measurement(iterations = 1)
public class WorkerHeapBenchmark {

  private static final int WORKERS = 50_000;
  private static final int PENDING = 1_000_000;

  /** Workers that wait for one channel each would count the channel; they wait for one together. */
  @Benchmark
  public void worker(Heap heap) throws Exception {
    Scopes.run(scope -> {
      Channel<Integer> channel = scope.channel(16);
      for (int i = 0; i < WORKERS; i++) {
        scope.worker((Action) channel::receive);
      }
      while (channel.stats().waitingReceivers() < WORKERS) {
        Thread.sleep(1);
      }
      heap.measure(WORKERS);
      scope.cancel("measured");
    });
  }

  /** Virtual threads that park, with nothing around. */
  @Benchmark
  public void bareThread(Heap heap) throws Exception {
    var started = new CountDownLatch(WORKERS);
    var release = new CountDownLatch(1);
    var threads = new Thread[WORKERS];
    for (int i = 0; i < WORKERS; i++) {
      threads[i] =
          Thread.startVirtualThread(() -> {
            started.countDown();
            try {
              release.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    }
    started.await();
    heap.measure(WORKERS);
    release.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /** A million actions for later, the handles dropped. */
  @Benchmark
  public void after(Heap heap) throws Exception {
    Scopes.run(scope -> {
      Action nothing = () -> {};
      for (int i = 0; i < PENDING; i++) {
        scope.after(Duration.ofHours(1).plusNanos(i), nothing);
      }
      heap.measure(PENDING);
    });
  }

  /** A million actions for later, the handles kept in an array. */
  @Benchmark
  public void afterWithHandle(Heap heap) throws Exception {
    Scopes.run(scope -> {
      Action nothing = () -> {};
      var handles = new Worker<?>[PENDING];
      for (int i = 0; i < PENDING; i++) {
        handles[i] = scope.after(Duration.ofHours(1).plusNanos(i), nothing);
      }
      heap.measure(PENDING);
      handles[0].cancel();
    });
  }
}
