package dev.holdfast.internal.util;

import dev.holdfast.ForkFailedException;
import dev.holdfast.Scopes;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.testing.Poll;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Opens scopes inside each other until the stack overflows and checks what is left, in a JVM of its
 * own: a failure here would break all later tests.
 */
final class StackProbeMain {

  private StackProbeMain() {}

  /**
   * Exits with 0 if all is well.
   *
   * @param args virtual or platform, warm or cold, how many times, forkless, fork, slowfork or
   *     deepfork
   */
  public static void main(String[] args) throws Exception {
    ThreadFactory factory =
        args[0].equals("virtual")
            ? Thread.ofVirtual().factory()
            : task -> new Thread(null, task, "deep", 512 * 1024);
    if (args[1].equals("warm")) {
      for (int i = 0; i < 3_000; i++) {
        one(i);
      }
    }
    for (int i = 0; i < Integer.parseInt(args[2]); i++) {
      int padding = i % 37;
      var running = new AtomicInteger();
      var problem = new AtomicInteger();
      Thread thread =
          factory.newThread(() -> {
            Throwable thrown = null;
            try {
              pad(padding, () -> descend(padding, args[3], running));
            } catch (Throwable t) {
              thrown = t;
            }
            if (running.get() != 0) {
              problem.set(say("tasks run on", null));
            }
            if (!(root(thrown) instanceof StackOverflowError)) {
              problem.set(say("what came out", thrown));
            }
            if (ThreadScope.current() != null) {
              problem.set(say("the thread is still in a scope", thrown));
            }
            try {
              one(1);
            } catch (Throwable t) {
              problem.set(say("scopes do not work any more", t));
            }
          });
      thread.start();
      thread.join(java.time.Duration.ofSeconds(60));
      if (thread.isAlive()) {
        say("it hangs", null);
        for (StackTraceElement e : thread.getStackTrace()) {
          System.out.println("  at " + e);
        }
        System.exit(2);
      }
      Poll.until(() -> ThreadScope.count() == 0 && TimerThread.alarms() == 0);
      if (ThreadScope.count() != 0 || TimerThread.alarms() != 0) {
        System.exit(
            say(
                ThreadScope.count() + " threads in scopes, " + TimerThread.alarms() + " alarms",
                null));
      }
      if (problem.get() != 0) {
        System.exit(problem.get());
      }
    }
    System.exit(0);
  }

  private static int say(String what, Throwable thrown) {
    System.out.println(what + ": " + thrown);
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      System.out.println("  " + t);
      StackTraceElement[] stack = t.getStackTrace();
      for (int i = 0; i < Math.min(12, stack.length); i++) {
        System.out.println("    at " + stack[i]);
      }
    }
    return 1;
  }

  private static void one(int i) throws Exception {
    List<Integer> got = Scopes.fanOut(List.of(i, i + 1), j -> j + 1);
    if (!got.equals(List.of(i + 1, i + 2))) {
      throw new IllegalStateException(got.toString());
    }
    try {
      Scopes.call(s -> {
        s.fork(() -> 1).join();
        s.fork(() -> {
          throw new IllegalArgumentException();
        });
        throw new IllegalStateException();
      });
    } catch (IllegalStateException | ForkFailedException expected) {
      // only warms up
    }
  }

  private static Object descend(int padding, String forks, AtomicInteger running) throws Exception {
    return Scopes.call(s -> {
      if (forks.equals("fork") || forks.equals("slowfork")) {
        s.fork(() -> {
          running.incrementAndGet();
          long since = System.nanoTime();
          while (forks.equals("slowfork") && System.nanoTime() - since < 3_000_000) {
            LockSupport.parkNanos(1_000_000);
          }
          running.decrementAndGet();
        });
      }
      return pad(
          padding,
          () -> {
            if (forks.equals("deepfork")) {
              s.fork(() -> {
                running.incrementAndGet();
                running.decrementAndGet();
              });
            }
            return descend(padding, forks, running);
          });
    });
  }

  private static Object pad(int frames, Callable<?> then) throws Exception {
    return frames == 0 ? then.call() : pad(frames - 1, then);
  }

  private static Throwable root(Throwable thrown) {
    Throwable root = thrown;
    while (root != null && root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }
}
