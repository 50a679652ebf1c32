package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.ChildProcess;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(250)
class OutsideASimulationTest {

  /** {@return the classes that a JVM loads for an ordinary program} */
  private static List<String> loaded(String... options) throws Exception {
    var arguments = new ArrayList<>(List.of(options));
    arguments.addAll(List.of("-Xlog:class+load", OrdinaryProgram.class.getName()));
    String output =
        ChildProcess.java(ChildProcess.PLENTY, arguments.toArray(new String[0])).succeeded();
    assertTrue(output.contains("the sum is 321"), output);
    assertTrue(output.contains("dev.holdfast.channel.RingChannel"), "no classes are listed");
    return output.lines().filter(line -> line.contains("dev.holdfast.simulation.")).toList();
  }

  @Test
  void no_class_of_the_simulation_is_loaded_whatever_the_number_of_carriers() throws Exception {
    for (String[] options :
        List.of(new String[0], new String[] {"-Djdk.virtualThreadScheduler.parallelism=1"})) {
      List<String> found =
          loaded(options).stream().filter(line -> !line.contains("OrdinaryProgram")).toList();
      assertEquals(List.of(), found);
    }
  }
}
