package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

@Tag("simulation")
class BugsTest {

  private static final SimulationSpec ONCE = SimulationSpec.DEFAULT.once();

  @TestFactory
  @Timeout(value = 100, unit = TimeUnit.SECONDS)
  Stream<DynamicTest> each_bug_is_found_within_a_thousand_seeds_and_replayed() {
    return Bugs.all().entrySet().stream()
        .map(bug -> DynamicTest.dynamicTest(bug.getKey(), () -> findAndReplay(bug.getValue())));
  }

  private static void findAndReplay(Simulation.Body bug) {
    OptionalLong found = LongStream.range(0, 1000).filter(seed -> fails(seed, bug)).findFirst();
    assertTrue(found.isPresent(), "not found");
    long seed = found.getAsLong();
    String first = message(seed, bug);
    for (int i = 0; i < 20; i++) {
      assertEquals(first, message(seed, bug));
    }
  }

  private static boolean fails(long seed, Simulation.Body bug) {
    try {
      ONCE.run(seed, bug);
      return false;
    } catch (SimulationError e) {
      assertEquals(seed, e.seed());
      return true;
    }
  }

  private static String message(long seed, Simulation.Body bug) {
    return assertThrows(SimulationError.class, () -> ONCE.run(seed, bug)).getMessage();
  }

  @TestFactory
  Stream<DynamicTest> an_explanation_shows_the_fewest_switches() {
    return Stream.of("lost update", "stale read of a cache")
        .map(name -> DynamicTest.dynamicTest(name, () -> explain(Bugs.all().get(name))));
  }

  private static void explain(Simulation.Body bug) {
    long seed = LongStream.range(0, 1000).filter(each -> fails(each, bug)).findFirst().getAsLong();
    var thrown = assertThrows(SimulationError.class, () -> Simulation.run(seed, bug));
    String message = thrown.getMessage();
    assertTrue(message.startsWith("Seed " + seed + ": "), message);
    assertTrue(message.contains("-Dholdfast.seed=" + seed), message);
    assertTrue(message.contains("with the fewest switches that fails ("), message);
    assertTrue(
        message.contains("Task 'Bugs/1': begins; a point at Bugs.java:")
            || message.contains("a point at Bugs.java:"),
        message);
  }
}
