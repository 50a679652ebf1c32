package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.Outcome.Failure;
import dev.holdfast.Outcome.Success;
import dev.holdfast.Outcome.Unfinished;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutcomeTest {

  private static final Failure<String, Integer> BAD =
      new Failure<>("b", new IOException("marker"), Duration.ZERO);

  private static final List<Outcome<String, Integer>> MIXED =
      List.of(
          new Success<>("a", 1, Duration.ZERO),
          BAD,
          new Unfinished<>("c"),
          new Success<>("d", null, Duration.ZERO),
          new Success<>("e", 2, Duration.ZERO));

  @Test
  void successes_are_the_values_in_order() {
    List<Integer> values = Outcome.successes(MIXED);
    assertEquals(Arrays.asList(1, null, 2), values);
    assertThrows(UnsupportedOperationException.class, () -> values.add(3));
  }

  @Test
  void failures_keep_item_and_cause() {
    List<Failure<String, Integer>> failures = Outcome.failures(MIXED);
    assertEquals(List.of(BAD), failures);
    assertThrows(UnsupportedOperationException.class, () -> failures.add(BAD));
  }

  @Test
  void no_outcomes_have_no_successes_and_no_failures() {
    assertEquals(List.of(), Outcome.successes(List.<Outcome<String, Integer>>of()));
    assertEquals(List.of(), Outcome.failures(List.<Outcome<String, Integer>>of()));
    assertThrows(NullPointerException.class, () -> Outcome.successes(null));
  }
}
