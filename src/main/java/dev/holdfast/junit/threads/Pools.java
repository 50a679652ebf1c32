package dev.holdfast.junit.threads;

import dev.holdfast.diagnostics.DumpedThread;
import dev.holdfast.diagnostics.ThreadDump;
import java.io.IOException;
import java.lang.reflect.Field;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * The thread pools of the JVM, and when each was first seen. Only a thread dump shows pools and
 * their threads.
 */
final class Pools {

  private static final String POOL_OF_JDK = "java.util.concurrent.";
  private static final String FORK_JOIN = "ForkJoinPool-";
  private static final String NONE = "";

  /** Maps each pool's name to the thread identifier that was next when the pool was first seen. */
  private final Map<String, Long> seen = new ConcurrentHashMap<>();

  private final Map<Long, String> poolOf = new ConcurrentHashMap<>();

  private volatile int springThreads;

  /** The next thread identifier at the time of the last look. */
  private volatile long lastLook;

  /** Looks for new pools before a test, if there can be any. */
  void lookBeforeTest(Class<?> test, boolean firstOfClass) {
    int now = SharedFixtures.springThreads();
    if (now != springThreads || hasNewThreads() || (firstOfClass && hasPoolField(test))) {
      springThreads = now;
      look();
    }
  }

  /** {@return whether there are threads that a pool may have created since the last look} */
  private boolean hasNewThreads() {
    return PlatformThreads.live().stream()
        .anyMatch(thread ->
            thread.threadId() > lastLook
                && !KnownThreads.isKnown(thread)
                && thread != Thread.currentThread());
  }

  private static boolean hasPoolField(Class<?> test) {
    for (Class<?> type = test; type != null && type != Object.class; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (Executor.class.isAssignableFrom(field.getType())) {
          return true;
        }
      }
    }
    return false;
  }

  private void look() {
    try {
      ThreadDump dump = ThreadDump.here();
      long now = ThreadIds.next();
      lastLook = now;
      for (ThreadDump.Container container : dump.containers()) {
        String name = container.name();
        if (name.startsWith(POOL_OF_JDK) || name.startsWith(FORK_JOIN)) {
          seen.putIfAbsent(name, now);
          for (DumpedThread thread : container.threads()) {
            if (!thread.virtual()) {
              poolOf.put(thread.id(), name);
            }
          }
        }
      }
    } catch (IOException e) {
      // Without a dump, the check reports idle workers of older pools like any other thread.
    }
  }

  /** {@return whether a thread is a worker of a pool that was already known at the given time} */
  boolean isInPoolOlderThan(long time, long thread) {
    if (seen.isEmpty()) {
      return false; // no pool existed before a test
    }
    if (!poolOf.containsKey(thread)) {
      look();
    }
    String pool = poolOf.computeIfAbsent(thread, unknown -> NONE);
    return seen.getOrDefault(pool, Long.MAX_VALUE) < time;
  }
}
