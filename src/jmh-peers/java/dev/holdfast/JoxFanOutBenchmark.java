package dev.holdfast;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * {@code FanOutBenchmark} for jox {@code par}; on JDK 25 alone, whose preview classes it needs.
 *
 * <pre>mvn -Pjmh verify -Djmh.args="FanOut -prof gc"</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 2, jvmArgsAppend = "--enable-preview")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class JoxFanOutBenchmark {

  private static final MethodHandle PAR;

  static {
    try {
      PAR =
          MethodHandles.publicLookup()
              .findStatic(
                  Class.forName("com.softwaremill.jox.structured.Par"),
                  "par",
                  methodType(List.class, List.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** How many tasks. */
  @Param({"1", "10", "100", "1000"})
  int tasks;

  /** What each does. */
  @Param({"nothing", "sleep1ms"})
  String work;

  private List<Callable<Integer>> callables;

  /** Makes the tasks. */
  @Setup
  public void setUp() {
    boolean sleep = work.equals("sleep1ms");
    callables = new ArrayList<>();
    IntStream.range(0, tasks)
        .forEach(item ->
            callables.add(() -> {
              if (sleep) {
                Thread.sleep(1);
              }
              return item;
            }));
  }

  /** jox. */
  @Benchmark
  public int jox() throws Throwable {
    int sum = 0;
    for (Object result : (List<?>) PAR.invokeExact(callables)) {
      sum += (int) result;
    }
    return sum;
  }
}
