package dev.holdfast.junit.threads;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.junit.threads.ThreadCreation.Lineage;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThreadCreationTest {

  private static ThreadCreation creation(long before) {
    return new ThreadCreation(new Lineage(null, false), false, List.of(), before);
  }

  /** Creations that took place one after the other draw two identifiers each, in a row. */
  @ParameterizedTest
  @CsvSource({"10, 11, 12, 13, false", "11, 12, 10, 13, true", "10, 12, 11, 13, true"})
  void creations_that_overlapped_may_be_confused(
      long thread, long before, long otherThread, long otherBefore, boolean confusable) {
    ThreadCreation creation = creation(before);
    ThreadCreation other = creation(otherBefore);
    assertEquals(confusable, creation.isConfusable(thread, otherThread, other));
    assertEquals(confusable, other.isConfusable(otherThread, thread, creation));
  }
}
