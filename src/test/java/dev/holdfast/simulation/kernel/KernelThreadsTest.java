package dev.holdfast.simulation.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("simulation")
class KernelThreadsTest {

  private static final long LONG = 30_000_000_000L;

  @TempDir Path tasks;

  private static String text(String name, String state, int switches) {
    return "Name:\t%s\nState:\t%s\nvoluntary_ctxt_switches:\t%d\nnonvoluntary_ctxt_switches:\t1\n"
        .formatted(name, state, switches);
  }

  /** Looks at one thread until it seems to rest; {@return what was not looked at} */
  private Deque<String> look(String... statuses) throws Exception {
    Files.createDirectory(tasks.resolve("7"));
    Files.createDirectory(tasks.resolve("8"));
    var left = new ArrayDeque<>(List.of(statuses));
    new KernelThreads(tasks, "8") {
      @Override
      String status(String id) {
        return id.equals("7") ? left.remove() : text("self", "R (running)", 1);
      }
    }.awaitRest(LONG);
    return left;
  }

  @Test
  void a_thread_rests_if_two_looks_in_a_row_find_it_asleep_and_it_has_not_run_between_them()
      throws Exception {
    Deque<String> left =
        look(
            text("pool-1", "R (running)", 1),
            text("pool-1", "S (sleeping)", 2),
            text("pool-1", "D (disk sleep)", 2),
            text("pool-1", "S (sleeping)", 3),
            text("pool-1", "S (sleeping)", 4),
            text("pool-1", "S (sleeping)", 4),
            "too many");
    assertEquals(List.of("too many"), List.copyOf(left));
  }

  @Test
  void threads_that_run_no_code_of_a_program_are_left_out() throws Exception {
    String compiler = text("C2 CompilerThre", "R (running)", 1);
    assertEquals(1, look(compiler, compiler, "too many").size());
  }

  private static KernelThreads beside() {
    KernelThreads others = KernelThreads.withoutThisOne();
    assumeTrue(others != null, "this system does not show its threads");
    return others;
  }

  @Test
  void an_unparked_thread_has_run_when_all_rest() throws Exception {
    KernelThreads others = beside();
    var runs = new AtomicInteger();
    Thread parked =
        Thread.ofPlatform()
            .start(() -> {
              while (!Thread.currentThread().isInterrupted()) {
                LockSupport.park();
                runs.incrementAndGet();
              }
            });
    others.awaitRest(LONG);
    int before = runs.get();
    for (int i = 1; i <= 100; i++) {
      LockSupport.unpark(parked);
      others.awaitRest(LONG);
      assertTrue(runs.get() >= before + i, "an unpark had no effect yet");
    }
    parked.interrupt();
    parked.join();
  }
}
