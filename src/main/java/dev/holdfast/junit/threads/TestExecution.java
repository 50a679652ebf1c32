package dev.holdfast.junit.threads;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A test, or a class of tests, while it runs. It owns the threads that are created in it.
 *
 * <p>Leaked threads refer to it, so it refers to nothing large once it is closed.
 */
public final class TestExecution {

  /** How many creations are recorded; recording more would cost a test with many threads memory. */
  private static final int MAX_CREATIONS = 1_000;

  private final String name;
  private final @Nullable TestExecution outer;
  private final long begin = ThreadIds.next();

  /** Where its threads were created, by their identifiers. */
  private final Map<Long, ThreadCreation> creations = new ConcurrentHashMap<>();

  private final Set<Thread> knownBusy = ConcurrentHashMap.newKeySet();
  private volatile boolean alone = true;
  private volatile boolean recordsCreations = true;

  public TestExecution(String name, @Nullable TestExecution outer) {
    this.name = name;
    this.outer = outer;
    knownBusy.addAll(CommonPool.busyWorkers());
  }

  /** {@return the name of the class and method} */
  public String name() {
    return name;
  }

  /** {@return an identifier that is smaller than those of all threads created in it} */
  long begin() {
    return begin;
  }

  /** {@return whether no other execution overlapped with it, except those inside and around it} */
  boolean isAlone() {
    return alone;
  }

  void overlaps() {
    alone = false;
  }

  boolean isInside(TestExecution other) {
    for (TestExecution at = this; at != null; at = at.outer) {
      if (at == other) {
        return true;
      }
    }
    return false;
  }

  /** {@return whether a worker of the common pool was busy before, or was reported already} */
  boolean isKnownBusy(Thread worker) {
    return knownBusy.contains(worker);
  }

  /** {@return whether to record a creation, which takes microseconds} */
  boolean recordsCreations() {
    return recordsCreations;
  }

  void recordCreation(long thread, ThreadCreation creation) {
    creations.put(thread, creation);
    if (creations.size() >= MAX_CREATIONS) {
      recordsCreations = false;
    }
  }

  @Nullable ThreadCreation creation(long thread) {
    return creations.get(thread);
  }

  List<StackTraceElement> createdFrom(long thread) {
    ThreadCreation creation = creation(thread);
    return creation == null ? List.of() : creation.from();
  }

  /**
   * {@return whether a virtual thread may have been created in it other than by Holdfast} This
   * visits no thread, so it is fast.
   */
  public boolean mayHaveVirtualThreads() {
    if (!alone || creations.size() >= MAX_CREATIONS) {
      return true;
    }
    int recorded = creations.size();
    // Each recorded creation uses two identifiers: that of the thread, and the one drawn after it.
    if (ThreadIds.next() - begin - 1 != 2L * recorded) {
      return true;
    }
    return creations.values().stream().anyMatch(ThreadCreation::isRawVirtual);
  }

  /** {@return the threads whose creation was recorded} */
  Set<Long> created() {
    return Set.copyOf(creations.keySet());
  }

  void close() {
    recordsCreations = false;
    creations.clear();
    if (outer != null) {
      outer.knownBusy.addAll(CommonPool.busyWorkers());
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
