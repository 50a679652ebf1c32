package dev.holdfast.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.ClassPath;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class OutsideASimulationTest {

  /** {@return the classes that a JVM loads for an ordinary program} */
  private static List<String> loaded(String... options) throws Exception {
    var command =
        new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString()));
    command.addAll(List.of(options));
    command.addAll(
        List.of("-Xlog:class+load", "-cp", ClassPath.ofTests(), OrdinaryProgram.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), output);
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
