package dev.holdfast.internal.scope;

import dev.holdfast.Scopes;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.jdk.JdkScope;
import dev.holdfast.internal.timer.TimerThread;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;

/**
 * Opens scopes while the heap has room for a few bytes only, for more and more bytes, and checks
 * what is left: in a JVM of its own, with {@code -XX:+UseSerialGC -XX:-UseTLAB}, so that the heap
 * can be filled to the last byte.
 */
final class OutOfMemoryMain {

  private static final Duration LONG = Duration.ofHours(1);

  /** About the size of a small object. */
  private static final int STEP = 24;

  /** More than a form needs. */
  private static final int MOST = 4000;

  /** How long one run may take, so that the output says which one hangs. */
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private static final ThreadFactory PLATFORM = Thread.ofPlatform().factory();

  /** Code that opens a scope, and fills the heap before or while it does. */
  private interface Code {
    void run(Runnable fill) throws Exception;
  }

  enum Form {
    EMPTY(fill -> {
      fill.run();
      Scopes.run(scope -> {});
    }),
    WITH_A_DEADLINE(fill -> {
      fill.run();
      Scopes.timeout(LONG).run(scope -> {});
    }),
    FAILING(OutOfMemoryMain::failing),
    FORKING(OutOfMemoryMain::forking);

    @SuppressWarnings("ImmutableEnumChecker") // the lambdas have no state
    private final Code code;

    Form(Code code) {
      this.code = code;
    }
  }

  /** Created here, because a full heap has no room for it. */
  @SuppressWarnings("StaticAssignmentOfThrowable") // it has the same stack each time
  private static final IllegalStateException FAILURE = new IllegalStateException();

  /** Loaded here, because a full heap has no room for that. */
  private static final Class<?> FULL = OutOfMemoryError.class;

  /** A list of blocks that fill the heap. */
  private static volatile Object[] hoard;

  /** Keeps room free while the heap is filled. */
  @SuppressWarnings("UnusedVariable") // it takes room
  private static volatile byte[] reserve;

  private OutOfMemoryMain() {}

  /** Exits with 0 if the form that the argument names has left nothing. */
  public static void main(String[] args) {
    Code code = Form.valueOf(args[0]).code;
    warmUp(code);
    sweep(code);
    System.exit(0);
  }

  /** Runs code with more and more memory, until it has enough. */
  private static void sweep(Code code) {
    boolean failed = false;
    int completed = 0;
    for (int room = 0; room < MOST && completed < 2; room += STEP) {
      Throwable thrown = call(code, room);
      failed |= FULL.isInstance(thrown);
      completed += thrown == null ? 1 : 0;
    }
    if (!failed || completed == 0) {
      fail(0, "no sweep from failure to success: " + failed + ", " + completed);
    }
  }

  private static void failing(Runnable fill) throws InterruptedException {
    fill.run();
    try {
      Scopes.run(scope -> {
        throw FAILURE;
      });
    } catch (IllegalStateException expected) {
      // it has ended
    }
  }

  private static void forking(Runnable fill) throws InterruptedException {
    Scopes.named("full")
        .threads(PLATFORM)
        .run(scope -> {
          fill.run();
          try {
            scope.fork(() -> {});
          } finally {
            hoard = null;
          }
        });
  }

  private static void warmUp(Code code) {
    try {
      for (int i = 0; i < 100; i++) {
        code.run(() -> {});
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Runs code while the heap has room for that many bytes; {@return what it threw} */
  private static Throwable call(Code code, int room) {
    var thrown = new Throwable[2];
    var thread =
        new Thread(() -> {
          var outer = new JdkScope();
          outer.open("outer", task -> null);
          try {
            code.run(() -> fill(room));
          } catch (Throwable t) {
            thrown[0] = t;
          }
          hoard = null;
          try {
            outer.close(); // throws if a scope inside was left open
          } catch (Throwable t) {
            thrown[1] = t;
          }
        });
    thread.start();
    if (!hasEnded(thread)) {
      hoard = null;
      fail(room, "it hangs");
    }
    if (thrown[1] != null) {
      fail(room, "the JDK's scope was left: " + thrown[1]);
    }
    if (ThreadScope.count() != 0 || TimerThread.alarms() != 0) {
      fail(room, ThreadScope.count() + " in scopes, " + TimerThread.alarms() + " alarms");
    }
    return thrown[0];
  }

  private static boolean hasEnded(Thread thread) {
    try {
      return thread.join(LONGEST);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void fill(int room) {
    reserve = new byte[room];
    for (int length : new int[] {1 << 14, 64, 1}) {
      try {
        for (; ; ) {
          var block = new Object[length];
          block[0] = hoard;
          hoard = block;
        }
      } catch (OutOfMemoryError full) {
        // smaller blocks may still fit
      }
    }
    reserve = null;
  }

  private static void fail(int room, String what) {
    System.out.println("with " + room + " bytes: " + what);
    System.exit(1);
  }
}
