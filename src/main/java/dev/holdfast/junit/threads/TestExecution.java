package dev.holdfast.junit.threads;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A test, or a test class, while it runs. It owns the threads that are created in it.
 *
 * <p>Leaked threads refer to this object, so it refers to nothing large once it is closed.
 */
public final class TestExecution {

  private final String name;
  private final @Nullable TestExecution outer;
  private final long begin = ThreadIds.next();
  private final Set<Thread> knownBusy = ConcurrentHashMap.newKeySet();

  /** Workers of other pools that were idle when this execution began. */
  private final Set<Thread> idle = ConcurrentHashMap.newKeySet();

  private final AtomicBoolean first = new AtomicBoolean(true);
  private volatile boolean alone = true;
  private volatile boolean closed;

  public TestExecution(String name, @Nullable TestExecution outer) {
    this.name = name;
    this.outer = outer;
    knownBusy.addAll(CommonPool.busyWorkers());
    for (Thread thread : PlatformThreads.live()) {
      if (!KnownThreads.isKnown(thread)
          && PlatformThreads.isWaiting(thread)
          && isIdle(List.of(thread.getStackTrace()))) {
        idle.add(thread);
      }
    }
  }

  private static boolean isIdle(List<StackTraceElement> stack) {
    return PoolWorkers.isIdle(stack) && !PoolWorkers.isScheduled(stack);
  }

  /** {@return the name of the class and method} */
  public String name() {
    return name;
  }

  /** {@return whether this is the first call, which the first test in a class makes} */
  public boolean isFirstTest() {
    return first.getAndSet(false);
  }

  /** {@return whether this is the execution of a class, not of a test in it} */
  public boolean isClass() {
    return outer == null || !first.get();
  }

  /** {@return an identifier that is smaller than those of all threads created in it} */
  long begin() {
    return begin;
  }

  /** {@return whether no other execution overlapped with it, except nested and enclosing ones} */
  boolean isAlone() {
    return alone;
  }

  void overlaps() {
    alone = false;
  }

  boolean isClosed() {
    return closed;
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

  /** {@return whether a worker of another pool was idle when this execution began} */
  boolean wasIdle(Thread worker) {
    return idle.contains(worker);
  }

  boolean hadIdleWorkers() {
    return !idle.isEmpty();
  }

  /**
   * {@return whether code other than Holdfast may have created a virtual thread in this execution}
   * This method visits no thread, so it is fast.
   */
  public boolean mayHaveVirtualThreads() {
    return !alone || ThreadCreations.mayHaveVirtual(begin);
  }

  /** {@return the threads whose creation was recorded} */
  Set<Long> created() {
    return ThreadCreations.createdBy(this);
  }

  void close() {
    closed = true;
    idle.clear();
    if (outer != null) {
      outer.knownBusy.addAll(CommonPool.busyWorkers());
    }
    ThreadCreations.forgetEnded();
  }

  @Override
  public String toString() {
    return name;
  }
}
