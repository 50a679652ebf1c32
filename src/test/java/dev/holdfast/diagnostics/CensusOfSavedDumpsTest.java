package dev.holdfast.diagnostics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Dumps of one program by JVMs of four releases. In it, two threads wait for a lock that main owns,
 * one for a monitor that holder owns, three send, and a scope is nested in another.
 */
class CensusOfSavedDumpsTest {

  private static ThreadDump read(int jdk) throws Exception {
    return ThreadDump.read(Path.of("src/test/resources/dumps/jdk-" + jdk + ".json"));
  }

  private static DumpedThread named(ThreadDump dump, String name) {
    return dump.threads().stream().filter(t -> t.name().equals(name)).findAny().orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(ints = {21, 25, 26, 27})
  void dumps_of_all_jdks_have_the_same_census(int jdk) throws Exception {
    ThreadDump dump = read(jdk);
    Census census = Census.of(dump);
    Map<String, Integer> expected =
        new TreeMap<>(
            Map.of(
                "SEND Fixture.sender -> SynchronousQueue.put", 3,
                "LOCK Fixture.locker -> ReentrantLock.lock", 2,
                "PARK Fixture.holder -> LockSupport.park", 1,
                "RECEIVE Fixture.lambda$main -> RingChannel.receive", 1,
                "SLEEP Fixture.lambda$main -> Thread.sleep", 2,
                "JOIN Fixture.lambda$main -> ScopeSpec.run", 1));
    // Dumps before 25 do not say that the thread at the monitor is blocked.
    expected.put(
        jdk == 21
            ? "RUNNING Fixture.entrant"
            : "MONITOR Fixture.entrant -> the monitor of java.lang.Object",
        1);
    var counts = new TreeMap<String, Integer>();
    census.groups().forEach(group -> counts.put(group.label(), group.count()));
    assertEquals(expected, counts);
    assertEquals(7, census.virtualThreads());
    assertTrue(dump.runtimeVersion().startsWith(jdk + "."), dump.runtimeVersion());
    assertEquals("main", census.oldest().orElseThrow().name());
    assertEquals(3, dump.threads().stream().filter(t -> t.name().isEmpty()).count());
  }

  @ParameterizedTest
  @ValueSource(ints = {25, 26, 27})
  void dumps_say_what_a_thread_waits_for_since_jdk_25(int jdk) throws Exception {
    ThreadDump dump = read(jdk);
    for (String locker : new String[] {"virtual \"locker\"", "platform locker"}) {
      DumpedThread thread = named(dump, locker);
      assertEquals(Thread.State.WAITING, thread.state());
      assertNotNull(thread.parkBlocker());
      assertTrue(thread.parkBlocker().contains("ReentrantLock"), thread::toString);
      assertEquals(named(dump, "main").id(), thread.parkBlockerOwner());
    }
    DumpedThread entrant = named(dump, "entrant");
    assertEquals(Thread.State.BLOCKED, entrant.state());
    assertNotNull(entrant.blockedOn());
    assertTrue(named(dump, "holder").monitorsOwned().contains(entrant.blockedOn()));
    assertNotNull(named(dump, "Finalizer").waitingOn());
  }

  @ParameterizedTest
  @ValueSource(ints = {21, 25, 26, 27})
  void scopes_are_nested(int jdk) throws Exception {
    String text = Census.of(read(jdk)).toText(1);
    String tree = text.substring(text.indexOf("Scopes and"));
    String numberless = tree.replaceAll("#\\d+", "#");
    assertEquals(
        """
        Scopes and their tasks:
          outer of #, tasks: 2
            # receiver: RECEIVE RingChannel.receive
            # nested: JOIN ScopeSpec.run
            inner of #, tasks: 1
              # sleeper: SLEEP Thread.sleep
        """,
        numberless);
  }
}
