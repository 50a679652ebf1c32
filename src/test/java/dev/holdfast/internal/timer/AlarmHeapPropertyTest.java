package dev.holdfast.internal.timer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class AlarmHeapPropertyTest {

  private static final class Bell extends Alarm {
    @Override
    public void ring() {}
  }

  /** A step with a negative time removes the entry, another one sets or moves it. */
  @Property(tries = 500)
  void entries_come_out_in_the_order_of_their_times(
      @ForAll @Size(max = 150) List<@IntRange(min = 0, max = 49) Integer> entries,
      @ForAll @Size(min = 150, max = 150) List<@IntRange(min = -30, max = 99) Integer> times) {
    var heap = new AlarmHeap();
    var bells = new ArrayList<Bell>();
    for (int i = 0; i < 50; i++) {
      bells.add(new Bell());
    }
    Map<Bell, Long> model = new HashMap<>();
    for (int i = 0; i < entries.size(); i++) {
      Bell bell = bells.get(entries.get(i));
      long at = Long.MAX_VALUE - 50_000 + 1_000L * times.get(i) + entries.get(i); // may overflow
      if (times.get(i) < 0) {
        heap.remove(bell);
        model.remove(bell);
      } else {
        heap.set(bell, at);
        model.put(bell, at);
      }
      assertEquals(model.size(), heap.size());
    }
    List<Bell> expected =
        model.keySet().stream()
            .sorted(Comparator.comparingLong(bell -> model.get(bell) - (Long.MAX_VALUE - 50_000)))
            .toList();
    var got = new ArrayList<HeapEntry>();
    for (int i = 0; i < expected.size(); i++) {
      got.add(heap.first());
      heap.remove(heap.first());
    }
    assertEquals(expected, got);
    assertNull(heap.first());
    assertNull(heap.last());
  }
}
