package dev.holdfast.diagnostics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.diagnostics.json.JsonObject;
import dev.holdfast.diagnostics.json.JsonReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tests {@code JvmThreads} as well. */
class CensusFindingsTest {

  private static final String PARK = "java.base/jdk.internal.misc.Unsafe.park(Native Method)";

  private static List<String> findings(List<DumpedThread> threads) {
    return CensusFindings.of(Threads.census(threads));
  }

  private static DumpedThread monitor(long id, @Nullable String wants, String has) {
    return new DumpedThread(
        id,
        "t" + id,
        false,
        wants == null ? Thread.State.RUNNABLE : Thread.State.BLOCKED,
        List.of(new StackTraceElement("com.acme.Bank", "pay", "Bank.java", 7)),
        wants,
        null,
        null,
        null,
        List.of(has),
        null);
  }

  @Test
  void a_healthy_dump_has_no_findings() {
    assertEquals(
        List.of(),
        findings(
            List.of(Threads.of(1, "main", Thread.State.RUNNABLE, "com.acme.A.main(A.java:1)"))));
    String text =
        Threads.census(Threads.parked(1, 3, "java.base/java.lang.Thread.sleep(T.java:1)"))
            .toText(5);
    assertTrue(!text.contains("Findings"), text);
  }

  @Test
  void virtual_threads_that_have_not_started_name_who_holds_the_carriers() {
    var threads = new ArrayList<DumpedThread>();
    IntStream.range(100, 300).forEach(id -> threads.add(Threads.of(id, "", null)));
    for (int id = 1; id <= 2; id++) {
      threads.add(
          Threads.of(
              id,
              "",
              null,
              "java.base/java.lang.VirtualThread.parkOnCarrierThread(VirtualThread.java:669)",
              "java.base/java.util.concurrent.locks.LockSupport.park(LockSupport.java:221)",
              "com.acme.Legacy.call(Legacy.java:4)",
              Threads.RUN));
    }
    Census census = Census.of(Threads.dump(threads.stream().map(this::virtual).toList()));
    assertEquals(Activity.NOT_STARTED, census.groups().getFirst().activity());
    assertEquals(200, census.groups().getFirst().count());
    assertEquals(202, census.virtualThreads());
    assertEquals(0, census.platformThreads());
    assertEquals(
        List.of(
            "200 virtual threads have not started, because other threads hold all carriers: 2 in"
                + " com.acme.Legacy.call. They are pinned: they block in a synchronized block or"
                + " native code. Use a ReentrantLock, or JDK 24 or later."),
        CensusFindings.of(census));
  }

  /** {@return the thread, marked as virtual if it has a stack, as a reader of dumps marks it} */
  private DumpedThread virtual(DumpedThread t) {
    return new DumpedThread(
        t.id(),
        t.name(),
        !t.stack().isEmpty(),
        null,
        t.stack(),
        null,
        null,
        null,
        null,
        List.of(),
        null);
  }

  @Test
  void the_carriers_of_a_saved_dump_are_held_in_a_synchronized_block() throws Exception {
    ThreadDump dump =
        ThreadDump.read(Path.of("src/test/resources/dumps/shapes/dump-to-file-21.txt"));
    String finding = CensusFindings.of(Census.of(dump)).getFirst();
    assertTrue(finding.startsWith("1 virtual thread has not started"), finding);
  }

  @Test
  void a_deadlock_names_each_thread_and_its_lock() {
    List<String> findings =
        findings(List.of(monitor(1, "a.B@2", "a.A@1"), monitor(2, "a.A@1", "a.B@2")));
    assertEquals(
        "Deadlock: #1 't1' waits for a.B@2, which #2 't2' holds; #2 't2' waits for a.A@1, which #1"
            + " 't1' holds.",
        findings.getFirst());
  }

  @Test
  void the_owner_of_a_lock_is_named_with_the_number_of_its_waiters() {
    assertEquals(
        List.of("a.A@1 is held by #1 't1' in com.acme.Bank.pay; 2 threads wait for it."),
        findings(
            List.of(
                monitor(1, null, "a.A@1"),
                monitor(2, "a.A@1", "x@2"),
                monitor(3, "a.A@1", "x@3"))));
  }

  @Test
  void an_exhausted_pool_has_its_own_sentence() {
    List<String> findings =
        findings(
            List.of(
                Threads.of(
                    1,
                    "http-1",
                    Thread.State.TIMED_WAITING,
                    PARK,
                    "java.base/java.util.concurrent.SynchronousQueue.poll(SynchronousQueue.java:9)",
                    "com.zaxxer.hikari.util.ConcurrentBag.borrow(ConcurrentBag.java:151)",
                    "com.zaxxer.hikari.pool.HikariPool.getConnection(HikariPool.java:180)",
                    "com.acme.Dao.load(Dao.java:12)")));
    assertEquals(1, findings.size(), findings::toString);
    String expected = "1 thread waits: 1 in com.acme.Dao.load. The HikariCP pool is exhausted.";
    assertTrue(findings.getFirst().startsWith(expected), findings::toString);
  }

  @Test
  void futures_latches_and_semaphores_have_their_own_sentences() {
    String juc = "java.base/java.util.concurrent.";
    List<String> findings =
        findings(
            List.of(
                Threads.parked(1, juc + "CompletableFuture.join(C.java:1)", "a.A.a(A.java:1)"),
                Threads.parked(2, juc + "CountDownLatch.await(C.java:1)", "a.A.b(A.java:1)"),
                Threads.parked(3, juc + "Semaphore.acquire(C.java:1)", "a.A.c(A.java:1)"),
                Threads.parked(4, juc + "Semaphore.acquire(C.java:1)", "a.A.d(A.java:1)")));
    assertEquals(3, findings.size(), findings::toString);
    assertTrue(
        findings.contains(
            "2 threads wait: 1 in a.A.c, 1 in a.A.d. No permit is free. Look for code that acquires"
                + " a permit and does not release it."),
        findings::toString);
  }

  @Test
  void json_has_the_findings() throws Exception {
    Census census = Threads.census(List.of(monitor(1, null, "a.A@1"), monitor(2, "a.A@1", "x@2")));
    assertEquals(
        CensusFindings.of(census),
        new JsonObject("", JsonReader.parse(census.toJson())).strings("findings"));
  }
}
