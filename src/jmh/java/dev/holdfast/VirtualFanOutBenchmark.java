package dev.holdfast;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;
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
 * What a fan-out costs a virtual thread, as in a server with a thread for each request. Each
 * invocation makes {@value #CALLS} calls on one virtual thread.
 *
 * <pre>mvn -Pjmh verify -Djmh.args="VirtualFanOut -prof gc"</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(VirtualFanOutBenchmark.CALLS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class VirtualFanOutBenchmark {

  static final int CALLS = 500;

  /** How many tasks, each of which returns at once. */
  @Param({"1", "2", "5", "10", "100", "1000"})
  int tasks;

  private List<Integer> items;

  /** Makes the items. */
  @Setup
  public void setUp() {
    items = IntStream.range(0, tasks).boxed().toList();
  }

  /** Holdfast. */
  @Benchmark
  public Object holdfast() throws Exception {
    return repeatedly(() -> Scopes.fanOut(items, item -> item));
  }

  /** Holdfast, with a scope and forks that are joined one by one. */
  @Benchmark
  public Object holdfastForks() throws Exception {
    return repeatedly(() ->
        Scopes.call(scope -> {
          List<dev.holdfast.Fork<Integer>> forks = new ArrayList<>(tasks);
          for (Integer item : items) {
            forks.add(scope.fork(() -> item));
          }
          List<Integer> results = new ArrayList<>(tasks);
          for (dev.holdfast.Fork<Integer> fork : forks) {
            results.add(fork.join());
          }
          return results;
        }));
  }

  /** The JDK's scope that Holdfast builds on. */
  @Benchmark
  public Object structuredTaskScope() throws Exception {
    return repeatedly(() -> {
      BareScope scope = bareScope();
      try {
        List<Supplier<Integer>> subtasks = new ArrayList<>(tasks);
        for (Integer item : items) {
          subtasks.add(scope.fork(() -> item));
        }
        scope.join();
        List<Integer> results = new ArrayList<>(tasks);
        for (Supplier<Integer> subtask : subtasks) {
          results.add(subtask.get());
        }
        return results;
      } catch (Exception e) {
        throw e;
      } catch (Throwable t) {
        throw new AssertionError(t);
      } finally {
        close(scope);
      }
    });
  }

  /** An executor for the call, a virtual thread for each task. */
  @Benchmark
  public Object virtualThreadPerTask() throws Exception {
    return repeatedly(() -> {
      try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<Integer>> futures = new ArrayList<>(tasks);
        for (Integer item : items) {
          futures.add(executor.submit(() -> item));
        }
        List<Integer> results = new ArrayList<>(tasks);
        for (Future<Integer> future : futures) {
          results.add(future.get());
        }
        return results;
      }
    });
  }

  /** Starts and joins bare virtual threads: what no fan-out on threads of its own can beat. */
  @Benchmark
  public Object floor() throws Exception {
    return repeatedly(() -> {
      Thread[] threads = new Thread[tasks];
      for (int i = 0; i < threads.length; i++) {
        threads[i] = Thread.ofVirtual().start(() -> {});
      }
      for (Thread thread : threads) {
        thread.join();
      }
      return threads;
    });
  }

  private static BareScope bareScope() {
    try {
      return BareScope.open();
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  private static void close(BareScope scope) {
    try {
      scope.close();
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  private static Object repeatedly(Callable<Object> call)
      throws ExecutionException, InterruptedException {
    var all =
        new FutureTask<Object>(() -> {
          Object last = null;
          for (int i = 0; i < CALLS; i++) {
            last = call.call();
          }
          return last;
        });
    Thread.ofVirtual().start(all);
    return all.get();
  }
}
