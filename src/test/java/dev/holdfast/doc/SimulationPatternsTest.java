package dev.holdfast.doc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.simulation.Simulated;
import dev.holdfast.simulation.Simulation;
import dev.holdfast.simulation.SimulationError;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("simulation")
class SimulationPatternsTest {

  @Nested
  class Examples extends SimulationPatterns {}

  @Simulated(seeds = 1)
  void one_carrier_is_set() {}

  @Test
  void the_race_is_found_and_replayed() {
    SimulationError found = null;
    for (long seed = 0; seed < 100 && found == null; seed++) {
      found = run(seed);
    }
    assertTrue(found != null, "not found");
    assertEquals(found.getMessage(), run(found.seed()).getMessage());
    assertTrue(found.getMessage().contains("expected: <1> but was: <2>"), found.getMessage());
    assertTrue(found.getMessage().contains("SimulationPatterns.java:"), found.getMessage());
  }

  private static SimulationError run(long seed) {
    try {
      Simulation.run(
          seed,
          simulation ->
              SimulationPatterns.one_item_is_sold_once(new SimulationPatterns.RacyStock()));
      return null;
    } catch (SimulationError e) {
      return e;
    }
  }
}
