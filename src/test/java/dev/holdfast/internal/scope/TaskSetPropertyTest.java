package dev.holdfast.internal.scope;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class TaskSetPropertyTest {

  private static final class Leaf extends ScopeTask {
    Leaf() {
      super(null, "leaf", 1);
    }

    @Override
    public Object work() {
      return null;
    }
  }

  private static Object field(Class<?> type, Object of, String name) throws Exception {
    Field field = type.getDeclaredField(name);
    field.setAccessible(true);
    return field.get(of);
  }

  /** A positive step adds so many tasks, a negative one removes so many. */
  @Property(tries = 300)
  void holds_the_tasks_that_were_added_and_not_removed(
      @ForAll @Size(max = 60) List<@IntRange(min = -20, max = 40) Integer> steps) throws Exception {
    var tasks = new TaskSet();
    var live = new ArrayList<ScopeTask>();
    int most = 0;
    for (int step : steps) {
      for (int i = 0; i < step; i++) {
        var leaf = new Leaf();
        tasks.add(leaf, live.size());
        live.add(leaf);
      }
      for (int i = step; i < 0 && !live.isEmpty(); i++) {
        ScopeTask gone = live.remove(Math.floorMod(31 * i, live.size()));
        TaskSet.remove(
            (ScopeTask[]) field(ScopeTask.class, gone, "slots"),
            (int) field(ScopeTask.class, gone, "slot"));
      }
      most = Math.max(most, live.size());
      Set<ScopeTask> seen = Collections.newSetFromMap(new IdentityHashMap<>());
      tasks.forEach(task -> assertTrue(seen.add(task), "twice"));
      Set<ScopeTask> expected = Collections.newSetFromMap(new IdentityHashMap<>());
      expected.addAll(live);
      assertEquals(expected, seen);
      int capacity = (int) field(TaskSet.class, tasks, "capacity");
      assertTrue(capacity <= 8 + 4 * most, capacity + " slots for " + most);
    }
  }
}
