package dev.holdfast.internal.scope;

import dev.holdfast.ForkFailedException;
import dev.holdfast.Scopes;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.jdk.JdkScope;
import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.testing.OnThread.Code;
import dev.holdfast.testing.Poll;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Opens a scope at more and more depths of the stack, up to the depth at which nothing fits, and
 * checks what is left: in a JVM of its own, because a failure here would break all later tests.
 */
final class StackOverflowMain {

  private static final AtomicInteger RUNNING = new AtomicInteger();

  private static final List<Code> FORMS =
      List.of(
          () -> Scopes.run(scope -> scope.fork(StackOverflowMain::task)),
          () -> Scopes.call(scope -> scope.fork(() -> 1).join()),
          StackOverflowMain::failing,
          () -> Scopes.fanOut(List.of(1, 2, 3), item -> item + 1),
          () -> Scopes.race(() -> 1, () -> 2),
          () -> Scopes.run(scope -> scope.worker(worker -> worker.awaitStop())));

  /** The number of calls between two depths; no multiple of anything. */
  private static final int STEP = 13;

  /** More calls than opening and ending a scope make. */
  private static final int MOST = 600;

  private StackOverflowMain() {}

  /**
   * Exits with 0 if nothing was left.
   *
   * @param args virtual or platform
   */
  public static void main(String[] args) throws Exception {
    ThreadFactory factory =
        args[0].equals("virtual")
            ? Thread.ofVirtual().factory()
            : task -> new Thread(null, task, "deep", 256 * 1024);
    for (Code form : FORMS) {
      Throwable thrown = call(factory, 0, () -> warmUp(form));
      if (thrown != null) {
        throw new AssertionError(thrown);
      }
    }
    for (Code form : FORMS) {
      int deepest = deepest(factory);
      boolean failed = false;
      for (int depth = deepest; depth > deepest - MOST; depth -= STEP) {
        failed |= call(factory, depth, form) instanceof StackOverflowError;
      }
      if (!failed) {
        fail("form " + FORMS.indexOf(form) + " never overflows the stack");
      }
    }
    System.exit(0);
  }

  private static void task() {
    RUNNING.incrementAndGet();
    try {
      LockSupport.parkNanos(300_000);
    } finally {
      RUNNING.decrementAndGet();
    }
  }

  private static void failing() throws InterruptedException {
    try {
      Scopes.run(scope -> {
        scope.fork(() -> {
          throw new IllegalStateException();
        });
      });
    } catch (ForkFailedException expected) {
      // it has ended
    }
  }

  private static void warmUp(Code form) throws Throwable {
    for (int i = 0; i < 3_000; i++) {
      form.run();
    }
  }

  /** {@return the depth at which code that does nothing fits, and no deeper one} */
  private static int deepest(ThreadFactory factory) throws InterruptedException {
    int fits = 0;
    int tooDeep = 100_000;
    while (tooDeep - fits > 1) {
      int middle = (fits + tooDeep) / 2;
      if (call(factory, middle, () -> {}) == null) {
        fits = middle;
      } else {
        tooDeep = middle;
      }
    }
    return fits;
  }

  /** Runs code that many calls deep in a thread; {@return what it threw} */
  private static Throwable call(ThreadFactory factory, int depth, Code form)
      throws InterruptedException {
    var thrown = new Throwable[2];
    var left = new String[1];
    Thread thread =
        factory.newThread(() -> {
          var outer = new JdkScope();
          outer.open("outer", task -> null);
          try {
            descend(depth, form);
          } catch (Throwable t) {
            thrown[0] = t;
          }
          if (RUNNING.get() != 0) {
            left[0] = "a task runs";
          }
          if (ThreadScope.current() != null) {
            left[0] = "the thread is in a scope";
          }
          try {
            outer.join();
            outer.close(); // throws if a scope inside was left open
          } catch (Throwable t) {
            left[0] = "the JDK's scope was left: " + t;
          }
        });
    thread.start();
    thread.join();
    if (left[0] != null) {
      say(thrown[0]);
      fail("form " + FORMS.indexOf(form) + " at depth " + depth + ": " + left[0]);
    }
    Poll.until(() -> ThreadScope.count() == 0 && TimerThread.alarms() == 0);
    return thrown[0];
  }

  private static void descend(int depth, Code form) throws Throwable {
    if (depth == 0) {
      form.run();
    } else {
      descend(depth - 1, form);
    }
  }

  private static void say(Throwable thrown) {
    if (thrown != null) {
      System.out.println(thrown);
      StackTraceElement[] stack = thrown.getStackTrace();
      for (int i = 0; i < Math.min(20, stack.length); i++) {
        System.out.println("    in " + stack[i]);
      }
    }
  }

  private static void fail(String what) {
    System.out.println(what);
    System.exit(1);
  }
}
