package dev.holdfast.internal.util;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CompactingListTest {

  private final Set<Integer> over = new HashSet<>();
  private final CompactingList<Integer> list = new CompactingList<>(over::contains);

  @Test
  void a_long_life_keeps_little_more_than_what_is_left() {
    for (int i = 0; i < 100_000; i++) {
      list.add(i);
      over.add(i);
      assertTrue(list.elements().size() <= 65, () -> "keeps " + list.elements().size());
    }
  }

  @Test
  void elements_that_are_not_obsolete_stay_in_order() {
    for (int i = 0; i < 1000; i++) {
      list.add(i);
      if (i % 10 != 0) {
        over.add(i);
      }
    }
    assertEquals(
        IntStream.range(0, 100).map(i -> 10 * i).boxed().toList(),
        list.elements().stream().filter(i -> !over.contains(i)).toList());
    assertTrue(list.elements().size() <= 2 * 100 + 1, () -> "keeps " + list.elements().size());
  }

  @Test
  void the_elements_are_checked_a_constant_number_of_times() {
    int[] checks = {0};
    var counting =
        new CompactingList<Integer>(i -> {
          checks[0]++;
          return false;
        });
    for (int i = 0; i < 10_000; i++) {
      counting.add(i);
    }
    assertTrue(checks[0] <= 20_000, () -> checks[0] + " checks");
  }
}
