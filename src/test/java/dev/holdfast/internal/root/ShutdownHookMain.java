package dev.holdfast.internal.root;

import dev.holdfast.RootScope;
import dev.holdfast.Scopes;
import dev.holdfast.testing.Blocked;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** A JVM with a root that is tied to its exit. */
final class ShutdownHookMain {

  private ShutdownHookMain() {}

  /**
   * Exits in one of several ways.
   *
   * @param args the way
   */
  public static void main(String[] args) throws Exception {
    RootScope root =
        Scopes.named("service")
            .open()
            .closeOnExit(Duration.ofMillis(args[0].equals("slow") ? 200 : 120_000));
    var up = new CountDownLatch(1);
    switch (args[0]) {
      case "exit", "signal", "return" -> root.run(scope -> scope.worker(() -> blocks(up)));
      case "slow" -> root.run(scope -> scope.fork(() -> blocks(up)));
      case "stubborn" -> {
        root.closeOnExit(Duration.ofMillis(200));
        root.run(scope -> scope.worker("stuck", () -> ignoresEverything(up)));
      }
      case "waits" -> {
        root.closeOnExit(Duration.ofMillis(1_200));
        root.run(scope -> scope.fork("slow", () -> blocks(up)));
      }
      case "default" -> {
        root.closeOnExit();
        root.run(scope -> scope.worker(() -> blocks(up)));
      }
      case "self" -> {
        root.closeOnExit(Duration.ofMillis(200));
        root.run(scope -> scope.worker("suicidal", () -> System.exit(0)));
        root.join();
      }
      case "fails" -> {
        up.countDown();
        root.run(scope ->
            scope.onExit(() -> {
              throw new IOException("disk full");
            }));
      }
      default -> throw new IllegalArgumentException(args[0]);
    }
    up.await();
    System.out.println("up");
    if (args[0].equals("signal")) {
      root.join();
    } else if (args[0].equals("exit")) {
      System.exit(0);
    }
  }

  private static void blocks(CountDownLatch up) throws InterruptedException {
    up.countDown();
    try {
      Blocked.forever();
    } finally {
      System.out.println("stopped");
    }
  }

  private static void ignoresEverything(CountDownLatch up) {
    up.countDown();
    Blocked.stubbornly(new CountDownLatch(1));
  }
}
