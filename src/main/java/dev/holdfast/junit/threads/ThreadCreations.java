package dev.holdfast.junit.threads;

import dev.holdfast.internal.util.ThreadBirths;
import dev.holdfast.junit.threads.ThreadCreation.Lineage;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Records where threads are created, on behalf of which test. */
final class ThreadCreations {

  /*
   * The JVM does not record which code created a thread. But while it creates one, it asks each
   * inheritable thread-local for the child's value, on the creating thread: there the stack can be
   * walked. The callback does not say which thread is being created. That thread has drawn its
   * identifier just before, so it is the one before the next identifier. If other threads are
   * created elsewhere between the two, they are confused with each other, but not with a thread
   * that has a record already. That is rare, and matters only if one of them leaks.
   *
   * A context class loader would show the test as well. But code defines proxies and finds
   * resources in it, so a test must have the one that it has without the check.
   */

  /** Recording more virtual threads would cost a test with many of them memory. */
  private static final int MAX_VIRTUAL = 1_000;

  private static final int MAX = 20_000;
  private static final int WARM_UP = 50;

  /** How many threads may draw identifiers between the two. */
  private static final int MAX_CONFUSED = 64;

  private static final Map<Long, ThreadCreation> CREATIONS = new ConcurrentHashMap<>();

  /** Identifiers that are no thread's because they were drawn here, or that have a record. */
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
      CREATIONS.put(created.threadId(), new ThreadCreation(creator, false, List.of()));
    }
  }

  /** Loads and runs the code above, so that the time between the two identifiers is short. */
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
    ThreadCreation creation = ThreadCreation.here(creator);
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

  /**
   * {@return whether a virtual thread may have been created since then other than by Holdfast} This
   * visits no thread, so it is fast.
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
    // Each recorded creation uses two identifiers: that of the thread, and the one drawn after it.
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
