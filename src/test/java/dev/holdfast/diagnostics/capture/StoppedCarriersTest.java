package dev.holdfast.diagnostics.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.diagnostics.DumpedThread;
import dev.holdfast.diagnostics.ThreadDump;
import dev.holdfast.testing.ChildProcess;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.HeldCarriers;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Pace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@LeavesNothing
class StoppedCarriersTest {

  private static final long LOOK_NANOS = 50_000_000;

  @Test
  void no_virtual_thread_runs_meanwhile() throws Exception {
    Pace.repeat(() -> {
      var ran = new AtomicBoolean();
      Thread[] late = new Thread[1];
      boolean ranMeanwhile =
          StoppedCarriers.whileStopped(() -> {
            late[0] = Thread.startVirtualThread(() -> ran.set(true));
            for (long end = System.nanoTime() + LOOK_NANOS; System.nanoTime() - end < 0; ) {
              Thread.onSpinWait();
            }
            return ran.get();
          });
      late[0].join();
      assertTrue(ran.get());
      return !ranMeanwhile; // it waits no longer than a second for a carrier
    });
  }

  @Test
  void a_thread_that_keeps_its_carrier_delays_the_action_only() throws Exception {
    var held = new HeldCarriers();
    try {
      assertEquals(1, StoppedCarriers.whileStopped(() -> 1));
    } finally {
      held.close();
    }
  }

  @Test
  void failures_reach_the_caller() {
    var io = new IOException("the disk");
    assertSame(
        io, assertThrows(IOException.class, () -> StoppedCarriers.whileStopped(failing(io))));
    var state = new IllegalStateException("state");
    assertSame(
        state,
        assertThrows(
            IllegalStateException.class, () -> StoppedCarriers.whileStopped(failing(state))));
    assertThrows(
        OutOfMemoryError.class,
        () ->
            StoppedCarriers.whileStopped(() -> {
              throw new OutOfMemoryError("for the test");
            }));
  }

  private static Callable<Integer> failing(Exception failure) {
    return () -> {
      throw failure;
    };
  }

  @EachThreadKind
  void an_interrupt_does_not_end_the_wait(ThreadFactory threads) throws Exception {
    OnThread.run(
            threads,
            () -> {
              Thread caller = Thread.currentThread();
              int value =
                  StoppedCarriers.whileStopped(() -> {
                    caller.interrupt();
                    return 1;
                  });
              assertTrue(Thread.interrupted());
              assertEquals(1, value);
            })
        .value();
  }

  @EachThreadKind
  void a_dump_does_not_show_the_threads_that_stop_the_carriers(ThreadFactory threads)
      throws Exception {
    OnThread.run(
            threads,
            () -> {
              List<String> shown =
                  ThreadDump.here().threads().stream()
                      .map(DumpedThread::name)
                      .filter(StoppedCarriers.NAME::equals)
                      .toList();
              assertEquals(List.of(), shown);
            })
        .value();
  }

  /** JDK-8364343: without stopped carriers JDK 25 crashes within two seconds. */
  @Test
  void dumps_while_virtual_threads_are_busy_do_not_crash_the_jvm(@TempDir Path directory)
      throws Exception {
    String output =
        ChildProcess.java(
                ChildProcess.PLENTY,
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + directory.resolve("crash.log"),
                DumpedJvm.class.getName(),
                "5")
            .succeeded();
    assertTrue(output.startsWith("dumps: "), output);
  }
}
