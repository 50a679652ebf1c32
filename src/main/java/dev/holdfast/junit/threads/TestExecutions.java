package dev.holdfast.junit.threads;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The tests of a run, and which of them owns a thread. */
public final class TestExecutions {

  /** Identifiers of threads that were created while a test ran, between two bounds. */
  private record Range(String test, long begin, long end) {
    boolean contains(long id) {
      return begin < id && id < end;
    }
  }

  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by the lock. */
  private final List<TestExecution> active = new ArrayList<>();

  /** Threads created while one test ran alone; the check of that test covered them. */
  private final ConcurrentLinkedQueue<Range> checked = new ConcurrentLinkedQueue<>();

  /** Threads created while several tests ran; the check at the end of the run covers them. */
  private final ConcurrentLinkedQueue<Range> unchecked = new ConcurrentLinkedQueue<>();

  /** Threads that were reported or ignored. */
  private final Set<Long> settled = ConcurrentHashMap.newKeySet();

  /** Threads of shared fixtures, which belong to no test. */
  private final Set<Long> shared = ConcurrentHashMap.newKeySet();

  /** Workers of pools that were reported because of the tasks they run. */
  private final Set<Long> busy = ConcurrentHashMap.newKeySet();

  private final Pools pools = new Pools();
  private final NettyGroups nettyGroups = new NettyGroups();

  public TestExecutions() {
    ThreadCreations.warmUp();
  }

  /**
   * Prepares for an execution that is about to be created.
   *
   * @param type the class of the test
   * @param first whether it is the class, or its first test
   */
  public void prepare(Class<?> type, boolean first) {
    if (first) {
      CodeOrigin.addTest(type);
      nettyGroups.lookBeforeTest();
    }
    pools.lookBeforeTest(type, first);
  }

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
   * @param ignored whether to ignore its threads, because no check covers it
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
    shared.addAll(ThreadCreations.shared());
    var range = new Range(execution.name(), execution.begin(), ThreadIds.next());
    (execution.isAlone() ? checked : unchecked).add(range);
    execution.close();
  }

  /**
   * Records threads that no later check must report.
   *
   * @param threads the threads that were reported or ignored
   * @param workers the workers that were reported because of the tasks they run
   */
  public void settle(Set<Long> threads, Set<Long> workers) {
    settled.addAll(threads);
    busy.addAll(workers);
  }

  /** {@return whether there are threads to check when the run ends} */
  public boolean hasUnchecked() {
    return !unchecked.isEmpty();
  }

  /** {@return the running test that a thread belongs to, or null if that is not known} */
  public static @Nullable TestExecution owner(long thread) {
    ThreadCreation creation = ThreadCreations.of(thread);
    return creation == null ? null : creation.lineage().running();
  }

  private boolean isInPoolOlderThan(
      long time, String name, long thread, List<StackTraceElement> stack) {
    return PoolWorkers.isIdle(stack)
        ? pools.isInPoolOlderThan(time, thread)
        : nettyGroups.isIdleAndOlderThan(time, name, stack);
  }

  private static List<StackTraceElement> from(long thread) {
    ThreadCreation creation = ThreadCreations.of(thread);
    return creation == null ? List.of() : creation.from();
  }

  private static boolean isShared(long thread) {
    ThreadCreation creation = ThreadCreations.of(thread);
    return creation != null && creation.lineage().isShared();
  }

  /** {@return the names of the tests that may have created a thread, if there are several} */
  private List<String> candidates(long thread, @Nullable TestExecution current) {
    var names = new TreeSet<String>();
    ThreadCreations.candidates(thread).forEach(test -> names.add(test.name()));
    if (owner(thread) == null) {
      unchecked.stream()
          .filter(range -> range.contains(thread))
          .forEach(range -> names.add(range.test()));
      if (current != null) {
        names.add(current.name());
      }
    }
    // A class stands for its tests only if none of them is there.
    names.removeIf(name -> name.equals(beforeMethod(names.higher(name))));
    return names.size() > 1 ? List.copyOf(names) : List.of();
  }

  private static String beforeMethod(@Nullable String name) {
    return name == null ? "" : name.substring(0, Math.max(0, name.lastIndexOf('.')));
  }

  /**
   * {@return the threads that a test owns: its own, and, if it ran alone, those of unknown origin}
   */
  public Ownership ownedBy(TestExecution execution) {
    return new Ownership() {
      @Override
      public boolean owns(long id) {
        TestExecution owner = owner(id);
        if (owner != null) {
          return owner == execution && !settled.contains(id);
        }
        return id > execution.begin()
            && execution.isAlone()
            && !settled.contains(id)
            && !shared.contains(id)
            && checked.stream().noneMatch(range -> range.contains(id));
      }

      @Override
      public boolean ownsPoolWork(Thread worker) {
        return execution.isAlone() && !execution.isKnownBusy(worker);
      }

      @Override
      public List<StackTraceElement> createdFrom(long id) {
        return from(id);
      }

      @Override
      public List<String> candidates(long id) {
        return TestExecutions.this.candidates(id, execution);
      }

      @Override
      public boolean isShared(long id) {
        return TestExecutions.isShared(id);
      }

      @Override
      public boolean isInOlderPool(String name, long id, List<StackTraceElement> stack) {
        return isInPoolOlderThan(execution.begin(), name, id, stack);
      }

      @Override
      public boolean wasIdleBefore(Thread worker) {
        return execution.isAlone()
            && execution.wasIdle(worker)
            && !busy.contains(worker.threadId());
      }

      @Override
      public boolean isTest() {
        return !execution.isClass();
      }

      @Override
      public boolean mayWakeWorkers() {
        return execution.hadIdleWorkers();
      }
    };
  }

  /** {@return the threads of unknown origin that were created while several tests ran} */
  public Ownership ownedByNone() {
    return new Ownership() {
      @Override
      public boolean owns(long id) {
        return owner(id) == null
            && !settled.contains(id)
            && !shared.contains(id)
            && unchecked.stream().anyMatch(range -> range.contains(id));
      }

      @Override
      public boolean ownsPoolWork(Thread worker) {
        return true;
      }

      @Override
      public List<StackTraceElement> createdFrom(long id) {
        return from(id);
      }

      @Override
      public List<String> candidates(long id) {
        return TestExecutions.this.candidates(id, null);
      }

      @Override
      public boolean isShared(long id) {
        return TestExecutions.isShared(id);
      }

      @Override
      public boolean isInOlderPool(String name, long id, List<StackTraceElement> stack) {
        return isInPoolOlderThan(ThreadIds.next(), name, id, stack);
      }

      @Override
      public boolean wasIdleBefore(Thread worker) {
        return false;
      }

      @Override
      public boolean isTest() {
        return false;
      }

      @Override
      public boolean mayWakeWorkers() {
        return false;
      }
    };
  }
}
