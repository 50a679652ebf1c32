package dev.holdfast.internal.scope;

import dev.holdfast.Scopes;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.jdk.JdkScope;
import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.testing.OnThread.Code;
import java.time.Duration;
import java.util.List;

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

  private static final List<Code> FORMS =
      List.of(
          () -> Scopes.run(scope -> {}),
          () -> Scopes.timeout(LONG).run(scope -> {}),
          OutOfMemoryMain::failing);

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

  /** Exits with 0 if nothing was left. */
  public static void main(String[] args) throws Exception {
    for (Code form : FORMS) {
      warmUp(form);
    }
    for (int form = 0; form < FORMS.size(); form++) {
      boolean failed = false;
      int completed = 0;
      for (int room = 0; room < MOST && completed < 2; room += STEP) {
        Throwable thrown = call(FORMS.get(form), room);
        failed |= FULL.isInstance(thrown);
        completed += thrown == null ? 1 : 0;
      }
      if (!failed || completed == 0) {
        fail(form, 0, "no sweep from failure to success: " + failed + ", " + completed);
      }
    }
    System.exit(0);
  }

  private static void failing() throws InterruptedException {
    try {
      Scopes.run(scope -> {
        throw FAILURE;
      });
    } catch (IllegalStateException expected) {
      // it has ended
    }
  }

  private static void warmUp(Code form) {
    try {
      for (int i = 0; i < 100; i++) {
        form.run();
      }
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** Runs code while the heap has room for that many bytes; {@return what it threw} */
  private static Throwable call(Code form, int room) throws InterruptedException {
    var thrown = new Throwable[2];
    var thread =
        new Thread(() -> {
          var outer = new JdkScope();
          outer.open("outer", task -> null);
          reserve = new byte[room];
          fill();
          reserve = null;
          try {
            form.run();
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
    thread.join();
    int number = FORMS.indexOf(form);
    if (thrown[1] != null) {
      fail(number, room, "the JDK's scope was left: " + thrown[1]);
    }
    if (ThreadScope.count() != 0 || TimerThread.alarms() != 0) {
      fail(number, room, ThreadScope.count() + " in scopes, " + TimerThread.alarms() + " alarms");
    }
    return thrown[0];
  }

  private static void fill() {
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
  }

  private static void fail(int form, int room, String what) {
    System.out.println("form " + form + " with " + room + " bytes: " + what);
    System.exit(1);
  }
}
