package dev.holdfast;

import dev.holdfast.channel.Channel;
import dev.holdfast.diagnostics.ScopeTree;
import dev.holdfast.diagnostics.Watch;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The cost of diagnostics. What is always on (pictures, counts, what a thread waits for) has no
 * switch: that cost is the difference to an earlier release.
 *
 * <pre>mvn -Pjmh verify -Djmh.args="Diagnostics -prof gc"</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class DiagnosticsBenchmark {

  private static final int FORKS = 100;
  private static final int ELEMENTS = 10_000;

  private static final ScopeSpec SPEC = Scopes.named("measured");

  /** What is on besides. */
  @Param({"nothing", "watch", "recording", "sites"})
  String on;

  private AutoCloseable looking = () -> {};

  /** Switches it on. */
  @Setup
  public void setUp() throws Exception {
    switch (on) {
      case "watch" -> looking = Watch.start();
      case "recording" -> {
        var recording = new Recording();
        recording.start();
        looking = recording;
      }
      case "sites" -> {
        Inspect.recordForkSites(true);
        looking = () -> Inspect.recordForkSites(false);
      }
      default -> {}
    }
  }

  /** Switches it off. */
  @TearDown
  public void tearDown() throws Exception {
    looking.close();
  }

  /** A fork of a scope that has a hundred, with its join. */
  @Benchmark
  @OperationsPerInvocation(FORKS)
  public int fork() throws Exception {
    return SPEC.call(scope -> {
      var forks = new dev.holdfast.Fork<?>[FORKS];
      for (int i = 0; i < FORKS; i++) {
        int value = i;
        forks[i] = scope.fork(() -> value);
      }
      int joined = 0;
      for (dev.holdfast.Fork<?> fork : forks) {
        fork.join();
        joined++;
      }
      return joined;
    });
  }

  /** An element that no thread waits for. */
  @Benchmark
  @OperationsPerInvocation(ELEMENTS)
  public int element() throws Exception {
    return SPEC.call(scope -> {
      Channel<Integer> channel = scope.channel(16);
      int sum = 0;
      for (int i = 0; i < ELEMENTS; i++) {
        channel.send(i);
        sum += channel.receive();
      }
      return sum;
    });
  }

  /** An element that is waited for. */
  @Benchmark
  @OperationsPerInvocation(ELEMENTS)
  public int handOver() throws Exception {
    return SPEC.call(scope -> {
      Channel<Integer> channel = scope.channel(0);
      scope.fork(() -> {
        for (int i = 0; i < ELEMENTS; i++) {
          channel.send(i);
        }
        return null;
      });
      int sum = 0;
      for (int i = 0; i < ELEMENTS; i++) {
        sum += channel.receive();
      }
      return sum;
    });
  }

  /** A snapshot of a scope with ten thousand waiting tasks. */
  @State(Scope.Benchmark)
  public static class Crowd {

    private RootScope root;

    /** Forks them. */
    @Setup
    public void setUp() throws Exception {
      root = Scopes.open(Scopes.named("crowd"));
      root.run(scope -> {
        Channel<Integer> never = scope.channel(0);
        for (int i = 0; i < 10_000; i++) {
          scope.worker(() -> never.receive());
        }
      });
    }

    /** Ends them. */
    @TearDown
    public void tearDown() {
      root.close();
    }
  }

  /** Takes the picture. */
  @Benchmark
  @OutputTimeUnit(TimeUnit.MICROSECONDS)
  public int snapshot(Crowd crowd) {
    return ScopeTree.snapshot().scopes().size();
  }
}
