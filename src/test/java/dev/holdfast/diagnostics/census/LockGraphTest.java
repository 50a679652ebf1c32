package dev.holdfast.diagnostics.census;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.holdfast.diagnostics.DumpedThread;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LockGraphTest {

  private static DumpedThread thread(
      long id,
      @Nullable String blockedOn,
      @Nullable String parkBlocker,
      @Nullable Long owner,
      String... owned) {
    return new DumpedThread(
        id,
        "t" + id,
        false,
        null,
        List.of(),
        blockedOn,
        null,
        parkBlocker,
        owner,
        List.of(owned),
        null);
  }

  private static List<Long> ids(List<DumpedThread> threads) {
    return threads.stream().map(DumpedThread::id).toList();
  }

  @Test
  void a_monitor_and_a_lock_have_their_owner_and_their_waiters() {
    var graph =
        new LockGraph(
            List.of(
                thread(1, null, null, null, "M@1"),
                thread(2, "M@1", null, null),
                thread(3, "M@1", null, null),
                thread(4, null, "L@1", 2L),
                thread(5, "unknown@1", null, null),
                thread(6, null, "Condition@1", null)));
    List<LockGraph.Held> held = graph.held();
    assertEquals(List.of("M@1", "L@1"), held.stream().map(LockGraph.Held::lock).toList());
    assertEquals(1, held.getFirst().owner().id());
    assertEquals(List.of(2L, 3L), ids(held.getFirst().waiters()));
    assertEquals(2, held.getLast().owner().id());
    assertEquals(List.of(), graph.deadlocks());
    assertNull(LockGraph.lock(thread(6, null, "Condition@1", null)));
  }

  @Test
  void the_text_of_a_deadlock_names_threads_and_locks() {
    List<DumpedThread> cycle =
        List.of(thread(1, "M@1", null, null, "M@2"), thread(2, "M@2", null, null, "M@1"));
    assertEquals(
        "#1 't1' waits for M@1, which #2 't2' holds; #2 't2' waits for M@2, which #1 't1' holds.",
        LockGraph.text(cycle));
  }

  @Test
  void a_cycle_of_monitors_and_locks_is_a_deadlock() {
    var graph =
        new LockGraph(
            List.of(
                thread(1, "M@2", null, null, "M@1"),
                thread(2, null, "L@3", 3L, "M@2"),
                thread(3, "M@1", null, null),
                thread(4, "M@1", null, null)));
    assertEquals(1, graph.deadlocks().size());
    assertEquals(List.of(1L, 2L, 3L), ids(graph.deadlocks().getFirst()));
  }

  @Test
  void two_deadlocks_are_reported_apart() {
    var graph =
        new LockGraph(
            List.of(
                thread(1, "M@2", null, null, "M@1"),
                thread(2, "M@1", null, null, "M@2"),
                thread(3, "M@4", null, null, "M@3"),
                thread(4, "M@3", null, null, "M@4")));
    assertEquals(2, graph.deadlocks().size());
  }
}
