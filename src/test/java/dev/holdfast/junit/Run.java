package dev.holdfast.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** Runs sample tests inside a test, and has their results. */
record Run(EngineExecutionResults results) {

  static Run of(Path directory, Class<?> type) {
    return of(directory, Map.of(), type);
  }

  static Run of(Path directory, Class<?> type, String method) {
    return new Run(
        builder(directory).selectors(DiscoverySelectors.selectMethod(type, method)).execute());
  }

  static Run of(Path directory, Map<String, String> parameters, Class<?>... types) {
    EngineTestKit.Builder builder = builder(directory).configurationParameters(parameters);
    for (Class<?> type : types) {
      builder.selectors(selectClass(type));
    }
    return new Run(builder.execute());
  }

  private static EngineTestKit.Builder builder(Path directory) {
    return EngineTestKit.engine("junit-jupiter")
        .configurationParameter("holdfast.leakfree.directory", directory.toString());
  }

  /**
   * {@return what failed and why: tests, classes and the engine, by the last part of their names}
   */
  Map<String, Throwable> failures() {
    return results.allEvents().finished().failed().stream()
        .collect(
            Collectors.toMap(
                event -> event.getTestDescriptor().getUniqueId().getLastSegment().getValue(),
                Run::thrown));
  }

  private static Throwable thrown(Event event) {
    return event.getRequiredPayload(TestExecutionResult.class).getThrowable().orElseThrow();
  }

  void passes() {
    assertEquals(Map.of(), failures());
    assertTrue(results.testEvents().succeeded().count() > 0);
  }

  /** {@return the message of the only failure, that of a test or class with this in its name} */
  String failure(String of) {
    return thrown(of).getMessage();
  }

  Throwable thrown(String of) {
    Map<String, Throwable> failures = failures();
    assertEquals(1, failures.size(), failures::toString);
    String failed = failures.keySet().iterator().next();
    assertTrue(failed.contains(of), failures::toString);
    return failures.get(failed);
  }
}
