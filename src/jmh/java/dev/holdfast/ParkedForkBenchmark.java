package dev.holdfast;

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
 * How much heap a parked task holds; read the bytesPerTask rows.
 *
 * <pre>mvn -Pjmh verify -Djmh.args="ParkedFork"</pre>
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx2g", "-XX:+UseSerialGC"})
@Warmup(iterations = 5)
@Measurement(iterations = 1)
public class ParkedForkBenchmark {

  private static final int TASKS = 100_000;

  /** Holdfast, handles dropped. */
  @Benchmark
  public void holdfast(Heap heap) throws Exception {
    var started = new CountDownLatch(TASKS);
    var release = new CountDownLatch(1);
    Scopes.run(scope -> {
      for (int i = 0; i < TASKS; i++) {
        scope.fork(() -> park(started, release));
      }
      started.await();
      heap.measure(TASKS);
      release.countDown();
    });
  }

  /** Holdfast, a scope with a name, and so named threads. */
  @Benchmark
  public void holdfastNamed(Heap heap) throws Exception {
    var started = new CountDownLatch(TASKS);
    var release = new CountDownLatch(1);
    Scopes.named("parked")
        .run(scope -> {
          for (int i = 0; i < TASKS; i++) {
            scope.fork(() -> park(started, release));
          }
          started.await();
          heap.measure(TASKS);
          release.countDown();
        });
  }

  /** The JDK's scope that Holdfast builds on. */
  @Benchmark
  public void structuredTaskScope(Heap heap) throws Throwable {
    var started = new CountDownLatch(TASKS);
    var release = new CountDownLatch(1);
    BareScope scope = BareScope.open();
    try {
      for (int i = 0; i < TASKS; i++) {
        scope.fork(() -> park(started, release));
      }
      started.await();
      heap.measure(TASKS);
      release.countDown();
      scope.join();
    } finally {
      scope.close();
    }
  }

  private static Void park(CountDownLatch started, CountDownLatch release)
      throws InterruptedException {
    started.countDown();
    release.await();
    return null;
  }
}
