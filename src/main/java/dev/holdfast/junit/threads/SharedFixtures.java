package dev.holdfast.junit.threads;

import dev.holdfast.junit.threads.ThreadCreation.Lineage;
import java.lang.StackWalker.StackFrame;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes threads of fixtures that tests share, by the code that created them: contexts that
 * Spring caches, Testcontainers containers, and everything that a class initializer starts. These
 * threads live as long as the JVM, or until the fixture is closed.
 */
final class SharedFixtures {

  private static final String SPRING_TEST = "org.springframework.test.context.";
  private static final String SPRING_BEANS = "org.springframework.beans.factory.support.";
  private static final Set<String> CREATES_BEAN = Set.of("createBean", "doGetBean", "getBean");
  private static final String SPRING_CONTEXT =
      "org.springframework.context.support.AbstractApplicationContext";

  /**
   * A data source that is constructed with its configuration has a pool at once; a bean creates one
   * on its first use.
   */
  private static final String HIKARI = "com.zaxxer.hikari.HikariDataSource";

  /** Whether Spring has loaded a context for a test. */
  private static volatile boolean springContexts;

  /** How many threads Spring's test framework has created. */
  private static final AtomicInteger SPRING_THREADS = new AtomicInteger();

  private SharedFixtures() {}

  static int springThreads() {
    return SPRING_THREADS.get();
  }

  /**
   * {@return the lineage that a thread inherits} A thread that a shared fixture creates also
   * belongs to the fixture, unless application code creates it: then it belongs to whichever test
   * runs.
   */
  static Lineage lineage(Lineage creator, List<StackFrame> from) {
    boolean bean = false;
    boolean refresh = false;
    boolean lazyPool = false;
    @Nullable StackFrame inner = null;
    for (StackFrame frame : from) {
      String type = frame.getClassName();
      String method = frame.getMethodName();
      if (type.startsWith(SPRING_TEST)) {
        springContexts = true;
        SPRING_THREADS.incrementAndGet();
        return new Lineage(creator.execution(), true);
      }
      if (method.equals("<clinit>")
          || isDefaultOfJdk(type, method)
          || type.startsWith("org.testcontainers.")
          || type.startsWith("com.github.dockerjava.")) {
        return new Lineage(creator.execution(), true);
      }
      lazyPool |=
          inner != null
              && inner.getClassName().equals(HIKARI)
              && inner.getMethodName().equals("getConnection")
              && (springContexts || !CodeOrigin.isApplication(frame.getDeclaringClass()));
      inner = frame;
      bean |= type.startsWith(SPRING_BEANS) && CREATES_BEAN.contains(method);
      refresh |= type.equals(SPRING_CONTEXT) && method.equals("refresh");
    }
    if ((bean && !refresh && springContexts) || lazyPool) { // a lazy bean of a context that exists
      return new Lineage(creator.execution(), true);
    }
    if (creator.isShared()
        && from.stream().anyMatch(frame -> CodeOrigin.isApplication(frame.getDeclaringClass()))) {
      return new Lineage(null, false);
    }
    return creator;
  }

  /** {@return whether a frame creates a thread of the default group of asynchronous channels} */
  private static boolean isDefaultOfJdk(String type, String method) {
    return type.equals("sun.nio.ch.ThreadPool") && method.contains("defaultThreadFactory");
  }
}
