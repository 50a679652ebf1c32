package dev.holdfast.junit;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests {@code RunningTest} and {@code StallListener} as well. */
@LeakFree(failOnStall = false) // its samples have them
class LeakFreeStallTest {

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      classes = {
        StallSamples.OfItsOwn.class,
        StallSamples.OfARoot.class,
        StallSamples.WhileABodyRuns.class,
        StallSamples.Swallowed.class
      })
  void a_stall_fails_the_test_in_which_it_happens(Class<?> sample) {
    Throwable thrown = Run.of(directory, sample).thrown("()");
    assertTrue(
        thrown.getMessage().contains("stalled and was interrupted. it hangs, said by the report"),
        thrown::toString);
    assertFalse(Thread.interrupted());
  }

  @Test
  void a_watch_runs_during_the_tests() {
    Throwable thrown = Run.of(directory, StallSamples.Found.class).thrown("hangs");
    assertTrue(thrown.getMessage().contains("nobody-sends"), thrown::toString);
  }

  @Test
  void a_stall_fails_no_other_test() {
    Run.of(directory, StallSamples.Unconcerned.class).passes();
  }
}
