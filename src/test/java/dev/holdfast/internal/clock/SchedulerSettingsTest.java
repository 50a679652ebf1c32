package dev.holdfast.internal.clock;

import static dev.holdfast.internal.clock.SchedulerSettings.carriers;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SchedulerSettingsTest {

  @Test
  void without_settings_there_is_a_carrier_for_each_processor() {
    assertEquals(8, carriers(null, null, 8));
  }

  @Test
  void the_settings_replace_and_bound_the_number_of_processors() {
    assertEquals(3, carriers(3, null, 8));
    assertEquals(3, carriers(3, 256, 2));
    assertEquals(1, carriers(null, 1, 8));
    assertEquals(1, carriers(4, 1, 8));
  }

  @Test
  @Tag("one-carrier")
  void a_simulation_is_possible_where_one_carrier_is_set() {
    assertEquals(
        "1".equals(System.getProperty("jdk.virtualThreadScheduler.parallelism")),
        Simulator.POSSIBLE);
  }
}
