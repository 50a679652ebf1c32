package dev.holdfast.junit.threads;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The tests of a run, and which of them owns a thread. */
public final class TestExecutions {

  /** Identifiers of threads between two bounds. */
  private record Range(long begin, long end) {
    boolean contains(long id) {
      return begin < id && id < end;
    }
  }

  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by the lock. */
  private final List<TestExecution> active = new ArrayList<>();

  /** Threads created while one test ran alone: that test was checked for them. */
  private final ConcurrentLinkedQueue<Range> checked = new ConcurrentLinkedQueue<>();

  /** Threads created while several tests ran: checked when the run ends. */
  private final ConcurrentLinkedQueue<Range> unchecked = new ConcurrentLinkedQueue<>();

  /** Threads that were reported or ignored. */
  private final Set<Long> settled = ConcurrentHashMap.newKeySet();

  /** Starts an execution. */
  public void begin(TestExecution execution) {
    lock.lock();
    try {
      for (TestExecution other : active) {
        if (!execution.isInside(other)) {
          other.overlaps();
          execution.overlaps();
        }
      }
      active.add(execution);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends an execution.
   *
   * @param ignored whether its threads are ignored, because it is not checked
   */
  public void end(TestExecution execution, boolean ignored) {
    lock.lock();
    try {
      active.remove(execution);
    } finally {
      lock.unlock();
    }
    if (ignored) {
      settled.addAll(execution.created());
    }
    var range = new Range(execution.begin(), ThreadIds.next());
    (execution.isAlone() ? checked : unchecked).add(range);
    execution.close();
  }

  /** Records that no later check must report these threads. */
  public void settle(Set<Long> threads) {
    settled.addAll(threads);
  }

  /** {@return whether there are threads to check when the run ends} */
  public boolean hasUnchecked() {
    return !unchecked.isEmpty();
  }

  /** {@return the test that created a thread, or null if the thread does not show that} */
  public static @Nullable TestExecution creator(Thread thread) {
    return TestClassLoader.creator(thread);
  }

  private @Nullable TestExecution owner(@Nullable Thread thread, long id) {
    TestExecution owner = thread == null ? null : TestClassLoader.creator(thread);
    return owner == null ? recordedCreator(id) : owner;
  }

  private @Nullable TestExecution recordedCreator(long id) {
    lock.lock();
    try {
      for (TestExecution execution : active) {
        ThreadCreation creation = execution.creation(id);
        if (creation != null) {
          return creation.execution();
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** {@return what a test owns: its threads, and if it is alone those of unknown origin} */
  public Ownership ownedBy(TestExecution execution) {
    return new Ownership() {
      @Override
      public boolean owns(@Nullable Thread thread, long id) {
        TestExecution owner = owner(thread, id);
        if (owner != null) {
          return owner == execution && !settled.contains(id);
        }
        return id > execution.begin()
            && execution.isAlone()
            && !settled.contains(id)
            && checked.stream().noneMatch(range -> range.contains(id));
      }

      @Override
      public boolean ownsPoolWork(Thread worker) {
        return execution.isAlone() && !execution.isKnownBusy(worker);
      }

      @Override
      public List<StackTraceElement> createdFrom(long id) {
        return execution.createdFrom(id);
      }
    };
  }

  /** {@return the threads of unknown origin that were created while several tests ran} */
  public Ownership ownedByNone() {
    return new Ownership() {
      @Override
      public boolean owns(@Nullable Thread thread, long id) {
        return owner(thread, id) == null
            && !settled.contains(id)
            && unchecked.stream().anyMatch(range -> range.contains(id));
      }

      @Override
      public boolean ownsPoolWork(Thread worker) {
        return true;
      }

      @Override
      public List<StackTraceElement> createdFrom(long id) {
        return List.of();
      }
    };
  }
}
