package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

@Tag("simulation")
class UserBugsTest {

  private static final SimulationSpec ONCE = SimulationSpec.DEFAULT.once();

  private static Stream<Method> all() {
    return Arrays.stream(UserBugs.class.getDeclaredMethods())
        .filter(method -> !Modifier.isPrivate(method.getModifiers()) && !method.isSynthetic());
  }

  private static Simulation.Body body(Method method, boolean right) {
    return simulation -> {
      try {
        method.invoke(null, right);
      } catch (InvocationTargetException e) {
        if (e.getCause() instanceof Error error) {
          throw error;
        }
        throw (Exception) e.getCause();
      }
    };
  }

  @TestFactory
  Stream<DynamicTest> the_wrong_form_is_found_within_a_thousand_seeds_and_replayed() {
    return all()
        .map(method ->
            DynamicTest.dynamicTest(method.getName(), () -> findAndReplay(body(method, false))));
  }

  private static void findAndReplay(Simulation.Body bug) {
    OptionalLong found = LongStream.range(0, 1000).filter(seed -> fails(seed, bug)).findFirst();
    assertTrue(found.isPresent(), "not found");
    String first = message(found.getAsLong(), bug);
    for (int i = 0; i < 100; i++) {
      assertEquals(first, message(found.getAsLong(), bug));
    }
  }

  private static boolean fails(long seed, Simulation.Body bug) {
    try {
      ONCE.run(seed, bug);
      return false;
    } catch (SimulationError e) {
      return true;
    }
  }

  private static String message(long seed, Simulation.Body bug) {
    return assertThrows(SimulationError.class, () -> ONCE.run(seed, bug)).getMessage();
  }

  @TestFactory
  Stream<DynamicTest> the_right_form_never_fails() {
    return all()
        .map(method ->
            DynamicTest.dynamicTest(
                method.getName(),
                () -> {
                  for (long seed = 0; seed < 200; seed++) {
                    Simulation.run(seed, body(method, true));
                  }
                }));
  }
}
