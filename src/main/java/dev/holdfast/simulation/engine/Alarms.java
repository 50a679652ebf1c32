package dev.holdfast.simulation.engine;

import java.util.IdentityHashMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The alarms of a simulation, ordered by time; alarms for the same time are in the order in which
 * they were set.
 */
final class Alarms {

  /** An alarm that is set. */
  record Entry(long at, long number, Object key, Runnable ring) {}

  private final TreeSet<Entry> byTime =
      new TreeSet<>(
          (a, b) -> a.at != b.at ? Long.signum(a.at - b.at) : Long.compare(a.number, b.number));
  private final IdentityHashMap<Object, Entry> byKey = new IdentityHashMap<>();
  private long numbers;

  void set(Object key, long at, Runnable ring) {
    clear(key);
    var entry = new Entry(at, numbers++, key, ring);
    byKey.put(key, entry);
    byTime.add(entry);
  }

  void clear(Object key) {
    Entry entry = byKey.remove(key);
    if (entry != null) {
      byTime.remove(entry);
    }
  }

  @Nullable Entry first() {
    return byTime.isEmpty() ? null : byTime.first();
  }

  /** {@return how many alarms have been set so far} */
  long set() {
    return numbers;
  }

  /** {@return whether each pending alarm was set when {@link #set} had this value, or later} */
  boolean areAllSetAfter(long number) {
    return byTime.stream().allMatch(entry -> entry.number >= number);
  }

  int size() {
    return byTime.size();
  }
}
