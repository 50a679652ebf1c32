package dev.holdfast.junit.threads;

import dev.holdfast.internal.util.ThreadBirths;
import dev.holdfast.junit.threads.ThreadCreation.Lineage;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Records where threads are created, and on behalf of which test. */
final class ThreadCreations {

  /*
   * The JVM does not record which code created a thread. But while it creates one, it calls {@code
   * childValue} of each inheritable thread-local on the creating thread. There this class walks the
   * stack. The callback does not identify the new thread. That thread has just drawn its
   * identifier, so its identifier is the one before the next to be drawn. If other threads draw
   * identifiers between the two, this class may confuse these threads with each other, but never
   * with a thread that already has a record. This is rare, and matters only if one of them leaks;
   * then the report names all tests that may have created it.
   *
   * A context class loader could also identify the test. But code defines proxies in it and finds
   * resources through it, so the check must not replace it.
   */

  /** Recording more would cost too much memory in a test with many virtual threads. */
  private static final int MAX_VIRTUAL = 1_000;

  private static final int MAX = 20_000;
  private static final int WARM_UP = 50;

  /** How many threads may draw identifiers between the new thread and the callback. */
  private static final int MAX_CONFUSED = 64;

  private static final Map<Long, ThreadCreation> CREATIONS = new ConcurrentHashMap<>();

  /**
   * Identifiers that belong to no thread, because this class has drawn them, or that have a record.
   */
  private static final Set<Long> TAKEN = ConcurrentHashMap.newKeySet();

  /** The newest thread that was not recorded. */
  private static volatile long lastUnrecorded;

  private static final InheritableThreadLocal<@Nullable Lineage> CURRENT =
      new InheritableThreadLocal<>() {
        @Override
        protected @Nullable Lineage childValue(@Nullable Lineage creator) {
          return creator == null ? null : record(creator);
        }
      };

  static {
    ThreadBirths.listen(ThreadCreations::record);
  }

  private ThreadCreations() {}

  private static void record(Thread created) {
    Lineage creator = CURRENT.get();
    if (creator != null) {
      TAKEN.add(created.threadId());
      CREATIONS.put(
          created.threadId(),
          new ThreadCreation(creator, false, List.of(), created.threadId() + 1));
    }
  }

  /** Runs the recording code, so that it is loaded and the two identifiers are drawn quickly. */
  static void warmUp() {
    Lineage before = CURRENT.get();
    CURRENT.set(new Lineage(null, false));
    for (int i = 0; i < WARM_UP; i++) {
      Thread.ofPlatform().unstarted(ThreadIds::next);
    }
    leave(before);
    forgetEnded();
  }

  private static Lineage record(Lineage creator) {
    int recorded = CREATIONS.size();
    if (recorded >= MAX || (recorded >= MAX_VIRTUAL && ThreadCreation.isVirtualHere())) {
      lastUnrecorded = ThreadIds.next();
      return creator;
    }
    long drawn = ThreadIds.next();
    TAKEN.add(drawn);
    long thread = drawn - 1;
    while (!TAKEN.add(thread) && drawn - thread < MAX_CONFUSED) {
      thread--;
    }
    ThreadCreation creation = ThreadCreation.here(creator, drawn);
    CREATIONS.put(thread, creation);
    return creation.lineage();
  }

  /** Makes a test the creator of the threads that the current thread creates from now on. */
  static @Nullable Lineage enter(TestExecution execution) {
    Lineage before = CURRENT.get();
    CURRENT.set(new Lineage(execution, false));
    return before;
  }

  /** Restores what {@link #enter} has returned. */
  static void leave(@Nullable Lineage before) {
    if (before == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(before);
    }
  }

  static @Nullable ThreadCreation of(long thread) {
    return CREATIONS.get(thread);
  }

  /** {@return the tests that may have created a thread, as far as that was recorded} */
  static Set<TestExecution> candidates(long thread) {
    var candidates = new LinkedHashSet<TestExecution>();
    ThreadCreation creation = of(thread);
    if (creation != null) {
      CREATIONS.forEach((id, other) -> {
        TestExecution test = other.lineage().execution();
        if (test != null && creation.isConfusable(thread, id, other)) {
          candidates.add(test);
        }
      });
    }
    return candidates;
  }

  /**
   * {@return whether code other than Holdfast may have created a virtual thread since the given
   * time} This visits no thread, so it is fast.
   */
  static boolean mayHaveVirtual(long begin) {
    if (lastUnrecorded > begin) {
      return true;
    }
    int recorded = 0;
    for (Map.Entry<Long, ThreadCreation> entry : CREATIONS.entrySet()) {
      if (entry.getKey() > begin) {
        recorded++;
        if (entry.getValue().isRawVirtual()) {
          return true;
        }
      }
    }
    // Each recorded creation uses two identifiers: that of the thread, and the one that `record`
    // draws.
    return ThreadIds.next() - begin - 1 != 2L * recorded;
  }

  /** Forgets the threads of tests that have ended. */
  static void forgetEnded() {
    CREATIONS.values().removeIf(creation -> creation.lineage().running() == null);
    TAKEN.clear();
  }

  /** {@return the recorded threads of a test} */
  static Set<Long> createdBy(TestExecution execution) {
    return where(lineage -> lineage.execution() == execution);
  }

  /** {@return the recorded threads of shared fixtures} */
  static Set<Long> shared() {
    return where(Lineage::isShared);
  }

  private static Set<Long> where(Predicate<Lineage> what) {
    return CREATIONS.entrySet().stream()
        .filter(entry -> what.test(entry.getValue().lineage()))
        .map(Map.Entry::getKey)
        .collect(Collectors.toUnmodifiableSet());
  }
}
