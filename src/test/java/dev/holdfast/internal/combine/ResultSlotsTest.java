package dev.holdfast.internal.combine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResultSlotsTest {

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15, 16, 17, 48, 49, 10_000})
  void results_are_in_the_order_of_their_places(int count) {
    var slots = new ResultSlots();
    var expected = new ArrayList<Integer>();
    for (int i = 0; i < count; i++) {
      slots.advance();
      Integer result = i % 7 == 3 ? null : Integer.valueOf(i);
      slots.block()[slots.place()] = result;
      expected.add(result);
    }
    List<Integer> results = slots.toList();
    assertEquals(expected, results);
    assertThrows(UnsupportedOperationException.class, () -> results.add(1));
  }
}
