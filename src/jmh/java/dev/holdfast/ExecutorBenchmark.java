package dev.holdfast;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a task costs that eight threads hand to an executor, until all have run: to that of a scope,
 * and to the one of the JDK that starts a virtual thread for each.
 *
 * <pre>mvn -Pjmh verify -Djmh.args="Executor -prof gc"</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
public class ExecutorBenchmark {

  private static final int SUBMITTERS = 8;
  private static final int EACH = 5_000;

  /** Whether the submitting thread waits for each task before it submits the next. */
  @Param({"false", "true"})
  public boolean oneByOne;

  /** Holdfast. */
  @Benchmark
  @OperationsPerInvocation(SUBMITTERS * EACH)
  public void holdfast() throws Exception {
    Scopes.run(scope -> submit(scope.executor()));
  }

  /** The JDK. */
  @Benchmark
  @OperationsPerInvocation(SUBMITTERS * EACH)
  public void virtualThreadPerTask() throws Exception {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      submit(executor);
    }
  }

  private void submit(ExecutorService executor) throws InterruptedException {
    var done = new CountDownLatch(SUBMITTERS * EACH);
    var threads = new Thread[SUBMITTERS];
    for (int i = 0; i < SUBMITTERS; i++) {
      threads[i] =
          Thread.ofPlatform()
              .start(() -> {
                for (int k = 0; k < EACH; k++) {
                  submit(executor, done);
                }
              });
    }
    for (Thread thread : threads) {
      thread.join();
    }
    done.await();
  }

  private void submit(ExecutorService executor, CountDownLatch done) {
    if (!oneByOne) {
      executor.execute(done::countDown);
      return;
    }
    try {
      executor.submit(done::countDown).get();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
