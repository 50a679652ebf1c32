package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.Guard;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.Select;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/** Programs that use much of the library. */
final class Programs {

  private Programs() {}

  /** {@return the trace of a program that uses most features} */
  static String trace(long seed) {
    var trace = new StringBuilder();
    var done = new CompletableFuture<String>();
    Simulation.run(
        seed,
        simulation -> {
          everything(simulation, trace);
          done.complete(trace.toString());
        });
    return done.join();
  }

  private static void everything(Simulation simulation, StringBuilder trace) throws Exception {
    Guard guard = Guard.named("one").maxConcurrent(1).waitingUpTo(Duration.ofHours(1));
    Scopes.run(scope -> {
      Channel<Integer> numbers = scope.channel(2);
      Channel<Integer> results = scope.channel(0);
      Channel<Long> ticks = scope.ticker(Duration.ofMillis(7));
      for (int p = 0; p < 3; p++) {
        int id = p;
        scope.fork(() -> {
          for (int i = 0; i < 4; i++) {
            trace.append('p').append(id);
            numbers.send(id * 100 + i);
            if (i == 1) {
              Scopes.sleep(Duration.ofMillis(simulation.random().nextInt(20)));
            }
          }
        });
      }
      for (int w = 0; w < 2; w++) {
        int id = w;
        scope.worker(worker -> {
          while (!worker.stopping()) {
            int number = numbers.receive();
            guard.run(admitted -> {
              trace.append('w').append(id).append(':').append(number).append(' ');
              Scopes.checkpoint();
            });
            results.send(number);
          }
        });
      }
      scope.after(Duration.ofMillis(3), () -> trace.append("after "));
      scope.fork(() -> {
        try {
          Scopes.timeout(Duration.ofMillis(5))
              .run(inner -> {
                inner.onCancel(() -> trace.append("cancelled "));
                inner.fork(() -> Scopes.sleep(Duration.ofSeconds(1)));
                inner.join();
              });
        } catch (ScopeTimeoutException e) {
          trace.append("timeout@").append(simulation.elapsed().toMillis()).append(' ');
        }
      });
      for (int i = 0; i < 12; ) {
        Integer got =
            Select.of(
                    results.onReceive(number -> number),
                    ticks.onReceive(tick -> -1),
                    Select.timeout(Duration.ofMillis(50), () -> -2))
                .await();
        trace.append(got).append('@').append(simulation.elapsed().toMillis()).append(' ');
        i += got >= 0 ? 1 : 0;
      }
    });
  }

  /** Settles often, and checks that nothing goes on meanwhile. {@return how often it did} */
  static int settleOften(Simulation simulation) throws Exception {
    var progress = new AtomicLong();
    int[] checks = {0};
    Scopes.run(scope -> {
      Channel<Integer> channel = scope.channel(simulation.random().nextInt(3));
      Channel<Integer> back = scope.channel(0);
      var permits = new Semaphore(0);
      for (int i = 0; i < 3; i++) {
        scope.worker(worker -> {
          while (true) {
            int number = channel.receive();
            for (int k = 0; k < number; k++) {
              Thread.yield();
              progress.incrementAndGet();
              Simulation.point();
            }
            permits.release();
          }
        });
        scope.worker(worker -> {
          while (true) {
            permits.acquire();
            progress.incrementAndGet();
            back.send(1);
          }
        });
      }
      scope.worker(worker -> {
        while (true) {
          back.receive();
          progress.incrementAndGet();
        }
      });
      for (int i = 0; i < 10; i++) {
        channel.send(simulation.random().nextInt(9));
        simulation.settle();
        long before = progress.get();
        for (int k = 0; k < 20; k++) {
          Thread.yield();
        }
        assertEquals(before, progress.get());
        checks[0]++;
      }
    });
    return checks[0];
  }
}
