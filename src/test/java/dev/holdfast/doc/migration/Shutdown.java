package dev.holdfast.doc.migration;

import dev.holdfast.Action;
import dev.holdfast.Scope;
import dev.holdfast.Scopes;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Shutdown on SIGTERM: of a pool, and of a scope. */
final class Shutdown {

  private Shutdown() {}

  /**
   * Serves until SIGTERM.
   *
   * @param args {@code before} or {@code after}, and how many milliseconds saving takes
   */
  public static void main(String[] args) throws InterruptedException {
    Duration time = Duration.ofMillis(Long.parseLong(args[1]));
    if (args[0].equals("before")) {
      Before.serve(() -> server(time));
    } else {
      After.serve(() -> server(time));
    }
  }

  private static void server(Duration time) {
    System.out.println("started");
    try {
      Thread.sleep(Duration.ofMinutes(1));
    } catch (InterruptedException e) {
      try {
        Scopes.shield(
            Duration.ofMinutes(1),
            () -> {
              Thread.sleep(time);
              System.out.println("saved");
              return null;
            });
      } catch (InterruptedException again) {
        Thread.currentThread().interrupt();
      }
    }
  }

  static final class Before {

    // @start region="sigterm-before"
    static void serve(Runnable server) {
      ExecutorService pool = Executors.newFixedThreadPool(8);
      Runtime.getRuntime().addShutdownHook(new Thread(pool::shutdownNow));
      pool.execute(server);
    }
    // @end
  }

  static final class After {

    // @start region="sigterm-after"
    static void serve(Action server) throws InterruptedException {
      Thread main = Thread.currentThread();
      Scopes.named("server")
          .run(scope -> {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(scope, main)));
            scope.fork(server);
          });
    }

    private static void stop(Scope scope, Thread main) {
      scope.cancel("the JVM shuts down");
      try {
        main.join(Duration.ofSeconds(20));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    // @end
  }
}
