package dev.holdfast.junit;

import dev.holdfast.Inspect;
import dev.holdfast.RootScope;
import dev.holdfast.Scopes;
import dev.holdfast.inspect.Report;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Tests that hang until a stall is reported, by hand here. They are run by other tests. */
final class StallSamples {

  private StallSamples() {}

  static void report(Report.Kind kind, String scope, String task) {
    Inspect.report(new Report(kind, scope, List.of(task), "it hangs, said by the report"));
  }

  @LeakFree
  static class OfItsOwn {
    @Test
    void hangs() throws Exception {
      hang();
    }

    static void hang() throws Exception {
      Scopes.named("stalled")
          .run(scope -> {
            scope.fork("waits", () -> new CountDownLatch(1).await());
            report(Report.Kind.STALLED, "stalled", "waits");
            new CountDownLatch(1).await();
          });
    }
  }

  @LeakFree
  static class Found {
    @Test
    void hangs() throws Exception {
      Scopes.named("nobody-sends").run(scope -> scope.channel(1).receive());
    }
  }

  @LeakFree
  static class OfARoot {
    @Test
    void hangs() throws Exception {
      try (RootScope root = Scopes.named("stalled-root").open()) {
        root.run(scope -> {
          scope.fork("waits", () -> new CountDownLatch(1).await());
          scope.fork(() -> report(Report.Kind.DEADLOCKED, "stalled-root", "waits"));
        });
        root.join();
      }
    }
  }

  /** The root clears the flag that its body leaves behind, and with it the first interrupt. */
  @LeakFree
  static class WhileABodyRuns {
    @Test
    void hangs() throws Exception {
      try (RootScope root = Scopes.named("stalled-root").open()) {
        root.run(scope -> {
          scope.fork("waits", () -> new CountDownLatch(1).await());
          scope.fork(() -> report(Report.Kind.DEADLOCKED, "stalled-root", "waits"));
          while (!Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(1_000_000);
          }
        });
        root.join();
      }
    }
  }

  @LeakFree
  static class Swallowed {
    @Test
    void passes_all_the_same() throws Exception {
      try {
        OfItsOwn.hang();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @LeakFree
  static class Unconcerned {
    @Test
    @LeakFree(failOnStall = false)
    void that_said_so() throws Exception {
      Scopes.named("stalled").run(scope -> report(Report.Kind.STALLED, "stalled", "stalled"));
    }

    @Test
    void by_a_scope_elsewhere() throws Exception {
      Scopes.named("other").run(scope -> report(Report.Kind.STALLED, "stalled", "stalled"));
    }

    @Test
    void by_tasks_that_are_slow_to_stop() throws Exception {
      Scopes.named("stuck").run(scope -> report(Report.Kind.STUCK, "stuck", "stuck"));
    }
  }
}
