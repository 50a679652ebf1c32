package dev.holdfast.internal.timer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.Poll;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class TimerThreadPropertyTest {

  private static final class Bell extends Alarm {
    private final Runnable action;

    Bell(Runnable action) {
      this.action = action;
    }

    @Override
    public void ring() {
      action.run();
    }
  }

  /** All alarms are set while one blocks the timer thread; then they ring in order. */
  @Property(tries = 300)
  void alarms_that_are_set_ring_in_the_order_of_their_times(
      @ForAll @Size(max = 120) List<@IntRange(min = 0, max = 39) Integer> alarms,
      @ForAll @Size(min = 120, max = 120) List<@IntRange(min = -40, max = 999) Integer> times) {
    var held = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    List<Integer> rung = Collections.synchronizedList(new ArrayList<>());
    var bells = new ArrayList<Bell>();
    for (int i = 0; i < 40; i++) {
      int number = i;
      bells.add(new Bell(() -> rung.add(number)));
    }
    var blocker =
        new Bell(() -> {
          held.countDown();
          Blocked.stubbornly(release);
        });
    long base = System.nanoTime() - 1_000_000_000L;
    TimerThread.set(blocker, base);
    Blocked.stubbornly(held);
    Map<Integer, Integer> model = new HashMap<>();
    try {
      for (int i = 0; i < alarms.size(); i++) {
        int alarm = alarms.get(i);
        if (times.get(i) < 0) {
          TimerThread.clear(bells.get(alarm));
          model.remove(alarm);
        } else {
          // All times differ.
          int at = times.get(i) * 1000 + alarm;
          TimerThread.set(bells.get(alarm), base + at);
          model.put(alarm, at);
        }
        assertEquals(model.size(), TimerThread.alarms());
      }
    } finally {
      release.countDown();
    }
    List<Integer> expected =
        model.keySet().stream().sorted(Comparator.comparing(model::get)).toList();
    Poll.until(() -> rung.size() == expected.size());
    assertEquals(expected, List.copyOf(rung));
    assertEquals(0, TimerThread.alarms());
  }
}
