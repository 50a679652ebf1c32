package dev.holdfast.testing;

import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.holdfast.internal.cancel.ThreadScope;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;

/** A call on a thread of its own, and its result. */
public final class OnThread<R> {

  /** Code with a result. */
  public interface Call<R> {
    R call() throws Throwable;
  }

  /** Code without a result. */
  public interface Code {
    void run() throws Throwable;
  }

  private final Thread thread;

  // Written by the thread, read after it has ended.
  private R value;
  private Throwable thrown;
  private boolean flag;

  private OnThread(ThreadFactory factory, Call<R> call) {
    thread =
        factory.newThread(() -> {
          Thread current = Thread.currentThread();
          if (current.getUncaughtExceptionHandler() == current.getThreadGroup()) {
            current.setUncaughtExceptionHandler((t, e) -> {}); // print nothing
          }
          try {
            value = call.call();
          } catch (Throwable t) {
            thrown = t;
          }
          flag = Thread.interrupted();
          leaveEverything();
        });
  }

  /** Leaves scopes that a bug has left open, so that later tests do not fail. */
  private static void leaveEverything() {
    ThreadScope threadScope = ThreadScope.current();
    while (threadScope != null && threadScope.top() != threadScope) {
      threadScope.pop(threadScope.top(), null);
    }
  }

  public static <R> OnThread<R> start(ThreadFactory factory, Call<R> call) {
    var started = new OnThread<>(factory, call);
    started.thread.start();
    return started;
  }

  public static <R> OnThread<R> start(Call<R> call) {
    return start(Thread.ofVirtual().factory(), call);
  }

  public static OnThread<Void> run(ThreadFactory factory, Code code) {
    return start(
        factory,
        () -> {
          code.run();
          return null;
        });
  }

  public static OnThread<Void> run(Code code) {
    return run(Thread.ofVirtual().factory(), code);
  }

  /** {@return what the code passes to the uncaught-exception handler of its thread} */
  public static List<Throwable> reportedBy(Code code) {
    var reported = new ArrayList<Throwable>();
    ThreadFactory factory =
        Thread.ofPlatform().uncaughtExceptionHandler((thread, e) -> reported.add(e)).factory();
    run(factory, code).value();
    return reported;
  }

  public Thread thread() {
    return thread;
  }

  public void interrupt() {
    thread.interrupt();
  }

  /** Waits until it is blocked; fails when it ends instead. */
  public OnThread<R> blocked() {
    Poll.untilBlocked(thread);
    return this;
  }

  /** Waits for its end; fails when it hangs, or when an assertion has failed in it. */
  public OnThread<R> end() {
    if (!Poll.holdsWithin(LawFixtures.HANGS, () -> !thread.isAlive())) {
      var hangs = new AssertionError(thread + " hangs");
      hangs.setStackTrace(thread.getStackTrace());
      throw hangs;
    }
    LawFixtures.failIfAnAssertionFailedIn(thrown);
    return this;
  }

  /** {@return how it ended} */
  public LawFixtures.Ended ended() {
    end();
    return new LawFixtures.Ended(value, thrown, flag);
  }

  public R value() {
    end();
    if (thrown != null) {
      throw new AssertionError("threw " + thrown, thrown);
    }
    return value;
  }

  /** {@return what it threw, or null} */
  public Throwable thrown() {
    return end().thrown;
  }

  /** {@return whether its interrupt flag was set at its end} */
  public boolean flag() {
    return end().flag;
  }

  public OnThread<R> leavesNoFlag() {
    assertFalse(flag(), "the interrupt flag of " + thread);
    return this;
  }
}
