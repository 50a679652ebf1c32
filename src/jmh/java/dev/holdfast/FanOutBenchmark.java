package dev.holdfast;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a fan-out costs: starts the tasks, waits for all, sums their results.
 *
 * <pre>mvn -Pjmh verify -Djmh.args="FanOut -prof gc"</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FanOutBenchmark {

  /** How many tasks. */
  @Param({"1", "10", "100", "1000"})
  int tasks;

  /** What each does. */
  @Param({"nothing", "sleep1ms"})
  String work;

  private List<Integer> items;
  private List<Callable<Integer>> callables;
  private boolean sleep;
  private ExecutorService pool;

  /** Makes the tasks. */
  @Setup
  public void setUp() {
    items = IntStream.range(0, tasks).boxed().toList();
    sleep = work.equals("sleep1ms");
    callables = new ArrayList<>();
    items.forEach(item -> callables.add(() -> work(item)));
    pool = Executors.newFixedThreadPool(2);
  }

  /** Ends the pool. */
  @TearDown
  public void tearDown() {
    pool.shutdownNow();
  }

  private int work(int item) throws InterruptedException {
    if (sleep) {
      Thread.sleep(1);
    }
    return item;
  }

  /** Holdfast. */
  @Benchmark
  public int holdfast() throws Exception {
    int sum = 0;
    for (int result : Scopes.fanOut(items, this::work)) {
      sum += result;
    }
    return sum;
  }

  /** Holdfast, with a scope and forks that are joined one by one. */
  @Benchmark
  public int holdfastForks() throws Exception {
    return Scopes.call(scope -> {
      List<dev.holdfast.Fork<Integer>> forks = new ArrayList<>(tasks);
      for (Callable<Integer> callable : callables) {
        forks.add(scope.fork(callable));
      }
      scope.join();
      int sum = 0;
      for (dev.holdfast.Fork<Integer> fork : forks) {
        sum += fork.join();
      }
      return sum;
    });
  }

  /** The JDK's scope that Holdfast builds on. */
  @Benchmark
  public int structuredTaskScope() throws Throwable {
    BareScope scope = BareScope.open();
    try {
      List<Supplier<Integer>> subtasks = new ArrayList<>(tasks);
      for (Callable<Integer> callable : callables) {
        subtasks.add(scope.fork(callable));
      }
      scope.join();
      int sum = 0;
      for (Supplier<Integer> subtask : subtasks) {
        sum += subtask.get();
      }
      return sum;
    } finally {
      scope.close();
    }
  }

  /** An executor for the call, a virtual thread for each task. */
  @Benchmark
  public int virtualThreadPerTask() throws Exception {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      return sum(executor.invokeAll(callables));
    }
  }

  /** A pool of two platform threads that lives on. */
  @Benchmark
  public int fixedPoolOf2() throws Exception {
    return sum(pool.invokeAll(callables));
  }

  /** Futures on the common pool. */
  @Benchmark
  public int completableFutures() throws Exception {
    List<CompletableFuture<Integer>> futures = new ArrayList<>(tasks);
    for (Integer item : items) {
      futures.add(CompletableFuture.supplyAsync(() -> unchecked(item)));
    }
    CompletableFuture.allOf(futures.toArray(CompletableFuture<?>[]::new)).get();
    return sum(futures);
  }

  private int unchecked(int item) {
    try {
      return work(item);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int sum(List<? extends Future<Integer>> futures) throws Exception {
    int sum = 0;
    for (Future<Integer> future : futures) {
      sum += future.get();
    }
    return sum;
  }
}
