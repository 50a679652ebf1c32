package dev.holdfast.diagnostics.census;

import dev.holdfast.diagnostics.DumpedThread;
import dev.holdfast.internal.util.Printable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The threads that wait for a lock and the threads that own it, as far as a dump shows them. */
public final class LockGraph {

  /**
   * A lock with its owner and the threads that wait for it.
   *
   * @param lock the lock or monitor
   * @param owner the thread that owns it
   * @param waiters the threads that wait for it, in the order of the dump
   */
  public record Held(String lock, DumpedThread owner, List<DumpedThread> waiters) {}

  private final Map<Long, DumpedThread> byId = new HashMap<>();
  private final Map<String, DumpedThread> monitorOwners = new HashMap<>();
  private final Map<String, Held> held = new LinkedHashMap<>();

  public LockGraph(List<DumpedThread> threads) {
    for (DumpedThread thread : threads) {
      thread.monitorsOwned().forEach(monitor -> monitorOwners.put(monitor, thread));
      byId.put(thread.id(), thread);
    }
    for (DumpedThread thread : threads) {
      String lock = lock(thread);
      DumpedThread owner = owner(thread);
      if (lock != null && owner != null && owner.id() != thread.id()) {
        held.computeIfAbsent(lock, l -> new Held(l, owner, new ArrayList<>())).waiters.add(thread);
      }
    }
  }

  /** {@return the monitor or lock that a thread waits for, or null} */
  public static @Nullable String lock(DumpedThread thread) {
    return thread.blockedOn() != null
        ? thread.blockedOn()
        : thread.parkBlockerOwner() == null ? null : thread.parkBlocker();
  }

  private @Nullable DumpedThread owner(DumpedThread thread) {
    if (thread.blockedOn() != null) {
      return monitorOwners.get(thread.blockedOn());
    }
    return thread.parkBlockerOwner() == null ? null : byId.get(thread.parkBlockerOwner());
  }

  /** {@return the locks that threads wait for, those with the most waiters first} */
  public List<Held> held() {
    return held.values().stream()
        .sorted(Comparator.comparingInt((Held h) -> h.waiters.size()).reversed())
        .toList();
  }

  /** {@return the cycles of threads, each of which waits for a lock that the next one owns} */
  public List<List<DumpedThread>> deadlocks() {
    var cycles = new ArrayList<List<DumpedThread>>();
    Set<Long> passed = new HashSet<>();
    for (Held lock : held.values()) {
      var path = new LinkedHashMap<Long, DumpedThread>();
      DumpedThread next = lock.owner;
      while (next != null && passed.add(next.id())) {
        path.put(next.id(), next);
        next = lock(next) == null ? null : owner(next);
      }
      if (next != null && path.containsKey(next.id())) {
        var threads = new ArrayList<>(path.values());
        cycles.add(fromLowestId(threads.subList(threads.indexOf(next), threads.size())));
      }
    }
    return cycles;
  }

  /** {@return what each thread of a deadlock waits for, as a sentence} */
  public static String text(List<DumpedThread> deadlock) {
    var waits = new ArrayList<String>();
    for (int i = 0; i < deadlock.size(); i++) {
      DumpedThread waiter = deadlock.get(i);
      waits.add(
          "%s waits for %s, which %s holds"
              .formatted(
                  name(waiter),
                  Printable.of(String.valueOf(lock(waiter))),
                  name(deadlock.get((i + 1) % deadlock.size()))));
    }
    return String.join("; ", waits) + ".";
  }

  /** {@return the number and the name of a thread} */
  public static String name(DumpedThread thread) {
    return "#"
        + thread.id()
        + (thread.name().isEmpty() ? "" : " '" + Printable.of(thread.name()) + "'");
  }

  private static List<DumpedThread> fromLowestId(List<DumpedThread> cycle) {
    DumpedThread lowest = Collections.min(cycle, Comparator.comparingLong(DumpedThread::id));
    Collections.rotate(cycle, -cycle.indexOf(lowest));
    return List.copyOf(cycle);
  }
}
