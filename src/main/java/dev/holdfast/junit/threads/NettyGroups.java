package dev.holdfast.junit.threads;

import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ThreadFactory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes Netty event loops whose group is older than a test. A group starts each loop on its
 * first use, which may be during a test. Netty numbers the thread factories, and so the groups: a
 * factory created before a test shows which groups existed then.
 */
final class NettyGroups {

  private static final String FACTORY = "io.netty.util.concurrent.DefaultThreadFactory";
  private static final String LOOP = "io.netty.util.concurrent.SingleThreadEventExecutor";
  private static final Pattern NAME = Pattern.compile(".*-(\\d+)-\\d+");

  /** The number of factories at the time of each thread identifier. */
  private final ConcurrentSkipListMap<Long, Integer> numbers = new ConcurrentSkipListMap<>();

  void lookBeforeTest() {
    Integer number = number(newThread());
    if (number != null) {
      numbers.put(ThreadIds.next(), number);
    }
  }

  /** {@return the name of the next Netty thread, or null without Netty} */
  private static @Nullable String newThread() {
    try {
      ClassLoader loader = Thread.currentThread().getContextClassLoader();
      Object factory =
          Class.forName(FACTORY, true, loader)
              .getConstructor(String.class)
              .newInstance("holdfast-leak-check");
      return ((ThreadFactory) factory).newThread(() -> {}).getName();
    } catch (ClassNotFoundException e) {
      return null;
    } catch (NoSuchMethodException
        | InstantiationException
        | IllegalAccessException
        | InvocationTargetException
        | LinkageError e) {
      return null; // an unknown release: the check treats its loops like other threads
    }
  }

  private static @Nullable Integer number(@Nullable String name) {
    Matcher matcher = NAME.matcher(name == null ? "" : name);
    return matcher.matches() && matcher.group(1).length() < 10
        ? Integer.valueOf(matcher.group(1))
        : null;
  }

  /**
   * {@return whether a thread is a loop of a group that existed at the given time, and runs no
   * application code}
   */
  boolean isIdleAndOlderThan(long time, String name, List<StackTraceElement> stack) {
    Map.Entry<Long, Integer> before = numbers.lowerEntry(time);
    Integer number = number(name);
    return before != null
        && number != null
        && number < before.getValue()
        && stack.stream().anyMatch(frame -> frame.getClassName().startsWith(LOOP))
        && stack.stream().noneMatch(CodeOrigin::isApplication);
  }
}
