package dev.holdfast.bench;

import dev.holdfast.Scopes;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The cost of a wait without a channel: two virtual threads unpark each other and park in turn.
 *
 * <p>With one carrier {@code RendezvousBenchmark.oneToOne} parks once for each element too; the
 * difference in allocation is the channel's.
 *
 * <pre>mvn -Pjmh verify -Djmh.args="Park -prof gc"</pre>
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 250, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 250, timeUnit = TimeUnit.MILLISECONDS)
public class ParkBenchmark {

  private static final int PARKS = 200_000;

  /** An operation is one park and the unpark that ends it. */
  @Benchmark
  @OperationsPerInvocation(PARKS)
  public void parkAndUnpark() throws Exception {
    AtomicInteger turn = new AtomicInteger();
    Thread[] threads = new Thread[2];
    CountDownLatch known = new CountDownLatch(2);
    Scopes.run(scope -> {
      for (int i = 0; i < 2; i++) {
        int me = i;
        scope.fork(() -> {
          threads[me] = Thread.currentThread();
          known.countDown();
          known.await();
          for (int k = 0; k < PARKS / 2; k++) {
            while (turn.get() != me) {
              LockSupport.park();
            }
            turn.set(1 - me);
            LockSupport.unpark(threads[1 - me]);
          }
        });
      }
    });
  }
}
