package dev.holdfast.internal.util;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.ChildProcess;
import dev.holdfast.testing.EachThreadKind;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(150)
class StackProbeTest {

  private static final int CALLS = 24;

  private int deepest;
  private boolean overflowed;

  @EachThreadKind
  void a_probe_that_returns_leaves_room_for_many_calls(ThreadFactory factory) throws Exception {
    var thrown = new AtomicReference<Throwable>();
    Thread thread =
        factory.newThread(() -> {
          try {
            for (int round = 0; round < 50; round++) { // compiled on the way
              warmUp();
              deepest = 0;
              descend(0);
            }
          } catch (Throwable t) {
            thrown.set(t);
          }
        });
    thread.start();
    thread.join();
    assertFalse(overflowed, "the stack overflowed within " + CALLS + " calls of a probe");
    assertTrue(thrown.get() == null, () -> String.valueOf(thrown.get()));
    assertTrue(deepest > 100, () -> "the probe failed at depth " + deepest);
  }

  private static void warmUp() {
    for (int i = 0; i < 1_000; i++) {
      StackProbe.ensureRoom();
      call(CALLS, i, 2, 3, 4, 5, 6, 7, 8);
    }
  }

  /** Goes down until the probe fails; wherever it does not, the calls must fit. */
  @SuppressWarnings("InfiniteRecursion") // until the probe fails
  private void descend(int depth) {
    try {
      StackProbe.ensureRoom();
    } catch (StackOverflowError full) {
      deepest = depth;
      return;
    }
    try {
      call(CALLS, depth, 2, 3, 4, 5, 6, 7, 8);
    } catch (StackOverflowError e) {
      overflowed = true;
      return;
    }
    descend(depth + 1);
  }

  // The arguments take stack in interpreted and compiled code alike.
  private static long call(
      int calls, long a, long b, long c, long d, long e, long f, long g, long h) {
    return calls == 0
        ? a
        : call(calls - 1, b, c, d, e, f, g, h, a) + (a ^ b ^ c ^ d ^ e ^ f ^ g ^ h);
  }

  @ParameterizedTest
  @CsvSource({
    "platform, cold, forkless",
    "platform, warm, forkless",
    "platform, warm, fork",
    "platform, warm, deepfork",
    "virtual, cold, forkless",
    "virtual, warm, forkless",
    "virtual, warm, slowfork",
    "virtual, warm, deepfork"
  })
  void scopes_opened_until_the_stack_overflows_leave_nothing(
      String owner, String heat, String forks) throws Exception {
    ChildProcess.java(
            ChildProcess.PLENTY, "-Xss1m", StackProbeMain.class.getName(), owner, heat, "20", forks)
        .succeeded();
  }
}
