package dev.holdfast.diagnostics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.diagnostics.census.JvmThreads;
import dev.holdfast.diagnostics.census.Trend;
import dev.holdfast.leak.LeakyMain;
import dev.holdfast.testing.LeavesNothing;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Censuses of other JVMs: one that leaks, one that leaks more and more, one that does not.
 *
 * <p>Tests {@code Capture} and {@code Jcmd} as well.
 */
@LeavesNothing
@Timeout(180)
class CensusOfProcessTest {

  private static final String ANSWER =
      "SEND dev.holdfast.leak.LeakyMain.answer -> SynchronousQueue.put";

  private static Map<String, Integer> counts(Census census) {
    return census.groups().stream()
        .collect(Collectors.toMap(Census.Group::label, Census.Group::count));
  }

  /** Takes another census if the main thread was still printing that it is ready. */
  private static Census census(LeakyJvm jvm) throws Exception {
    while (true) {
      Census census = Census.of(ThreadDump.of(jvm.pid()));
      if (census.groups().stream().noneMatch(group -> group.label().contains("println"))) {
        return census;
      }
    }
  }

  @Test
  void ten_thousand_threads_are_counted_right_to_the_thread() throws Exception {
    try (var jvm = LeakyJvm.start("leak")) {
      long start = System.nanoTime();
      Census census = census(jvm);
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      System.out.printf(Locale.ROOT, "census of 10 000 threads: %d ms%n", took.toMillis());
      assertEquals(
          Map.of(
              ANSWER,
              LeakyMain.SENDERS,
              "LOCK dev.holdfast.leak.LeakyMain.update -> ReentrantLock.lock",
              LeakyMain.LOCKERS,
              "RECEIVE dev.holdfast.leak.LeakyMain.receive -> RingChannel.receive",
              LeakyMain.RECEIVERS,
              "IO dev.holdfast.leak.LeakyMain.untilInputEnds -> BufferedInputStream.read",
              1),
          counts(census));
      assertEquals(10_000, census.virtualThreads() - virtualOfTheJvm(census));
      assertEquals(jvm.pid(), census.dump().pid());
      String text = census.toText(3);
      for (String line :
          List.of(
              "9350  93.5%   93.5%   9350  93.5%  SEND",
              "490   4.9%   98.4%    490   4.9%  LOCK",
              "160   1.6%  100.0%    160   1.6%  RECEIVE",
              "  feed of #",
              ", tasks: 160")) {
        assertTrue(text.contains(line), text);
      }
      assertTrue(took.toSeconds() < 60, () -> "the census took " + took);
    }
  }

  private static long virtualOfTheJvm(Census census) {
    return census.dump().threads().stream()
        .filter(thread -> thread.virtual() && JvmThreads.isInternal(thread))
        .count();
  }

  @Test
  void a_jvm_without_leaks_has_only_its_main_thread() throws Exception {
    try (var jvm = LeakyJvm.start("quiet")) {
      Census before = census(jvm);
      assertEquals(
          Map.of("IO dev.holdfast.leak.LeakyMain.untilInputEnds -> BufferedInputStream.read", 1),
          counts(before));
      assertEquals(List.of(), Census.diff(before, census(jvm)));
    }
  }

  @Test
  void a_growing_group_is_found() throws Exception {
    try (var jvm = LeakyJvm.start("grow", "5")) {
      var trend = new Trend();
      Census first = census(jvm);
      trend.add(CensusReport.countsByLabel(first));
      for (int i = 0; i < 2; i++) {
        jvm.more();
        trend.add(CensusReport.countsByLabel(census(jvm)));
      }
      jvm.more();
      Census last = census(jvm);
      List<Census.Growth> grown = Census.diff(first, last);
      assertEquals(List.of(ANSWER), grown.stream().map(g -> g.group().label()).toList());
      assertEquals(15, grown.getFirst().increase());
      String text = trend.text(5);
      assertTrue(text.startsWith("  GROWING  5 10 15  " + ANSWER + "\n"), text);
      assertTrue(text.matches("(?s).*1 growing while the others \\(\\d\\) are steady.*"), text);
    }
  }

  @Test
  void a_process_that_is_no_jvm_is_refused_in_one_line() throws Exception {
    Process sleep = new ProcessBuilder("sleep", "100").start();
    try {
      var thrown = assertThrows(ThreadDumpException.class, () -> ThreadDump.of(sleep.pid()));
      assertNotNull(thrown.getMessage());
      assertTrue(
          thrown.getMessage().startsWith("Process " + sleep.pid() + " gave no thread dump"),
          thrown.getMessage());
      assertEquals(1, thrown.getMessage().lines().count(), thrown.getMessage());
      assertTrue(sleep.isAlive());
    } finally {
      sleep.destroyForcibly().waitFor();
    }
  }
}
