package dev.holdfast.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Fails a test that leaves something running: a scope with its tasks, timers, channels and
 * resources, or any thread, platform or virtual.
 *
 * <p>A test is checked after its {@code @AfterEach} methods, when JUnit has closed what extensions
 * keep for the test, for everything that was started since before its {@code @BeforeEach} methods.
 * What {@code @BeforeAll} methods and constructors started is checked after the {@code @AfterAll}
 * methods. Leaks get a while to end, see {@link #linger}. The failure lists them, grouped by stack.
 * The full report goes to {@code target/holdfast/CLASS.METHOD.txt} and {@code .json}; the
 * configuration parameter {@code holdfast.leakfree.directory} sets another directory.
 *
 * <p>Tests may run in parallel; each is responsible for its own threads. Threads inherit from the
 * thread that creates them which test they belong to. A thread that inherits nothing counts for a
 * test that ran alone. If several ran, it is reported when the run ends.
 *
 * <p>A pool may outlive a test that uses it. A new worker of a pool that was there before the test
 * is no leak while it waits for tasks. Any worker is one that runs a task of the test after its
 * end, whoever made the pool.
 *
 * <p>On a class, the annotation applies to all its tests, including those of subclasses and nested
 * classes. The annotation of a class is merged with those of its superclasses and enclosing
 * classes, and the annotation of a method with those of its class. Ignore rules add up; for all
 * other elements the nearest annotation wins.
 *
 * <p>Threads of the JVM, JUnit, build tools and Holdfast itself are never reported, nor are idle
 * workers of the common pool. With {@link #presets} the following are ignored as well:
 *
 * <ul>
 *   <li>what a class initializer starts, such as a server in a static field;
 *   <li>what a {@code @BeforeAll} method of a superclass starts for the first of its subclasses;
 *   <li>contexts that Spring's test framework caches, with their servers and pools, and threads
 *       that these create later without code of the application;
 *   <li>Testcontainers, and threads that these libraries have for the whole JVM: drivers of
 *       databases, OkHttp, Netty, Reactor and Reactor Netty, RxJava, gRPC, logging. If one of their
 *       workers runs or schedules a task of the test, that is a leak;
 *   <li>a pool of HikariCP that a library created with its first connection;
 *   <li>clients of {@code java.net.http} that belong to clients of Spring.
 * </ul>
 *
 * <p>The check cannot see a virtual thread that the garbage collector has collected, or any in a
 * JVM with {@code -Djdk.trackAllThreads=false}. It records where a thread was created for the first
 * thousand virtual threads of a test.
 *
 * <p>The check works with JUnit 5.11 to 6.
 *
 * <p>The check takes a fraction of a millisecond if a test creates no thread, or only platform
 * threads and tasks in scopes. Otherwise it takes a thread dump, which takes some milliseconds, and
 * more with thousands of threads. It takes one before a test as well, if there may be new pools.
 *
 * @since 0.1
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@ExtendWith(LeakFreeExtension.class)
public @interface LeakFree {

  /** {@return whether to check; {@code @LeakFree(false)} is for tests that leak on purpose} */
  boolean value() default true;

  /**
   * {@return how many milliseconds leaks have to end by themselves, at most 600,000; the default of
   * -1 stands for the value of the enclosing annotation, or else 500}
   */
  long linger() default -1;

  /**
   * {@return what is checked as a whole; by default as in the enclosing annotation, or each test}
   */
  Per per() default Per.INHERITED;

  /**
   * {@return whether a stall or deadlock that is reported during the test interrupts and fails it;
   * it does unless the test, its class, or an enclosing class says {@code false}}
   *
   * <p>A {@link dev.holdfast.diagnostics.Watch} runs for this during the tests, unless the
   * configuration parameter {@code holdfast.leakfree.watch} is {@code false}.
   */
  boolean failOnStall() default true;

  /**
   * {@return whether threads of well-known libraries and shared fixtures are ignored, as the class
   * description lists them; they are unless the test, its class, or an enclosing class says {@code
   * false}}
   *
   * @since 0.1
   */
  boolean presets() default true;

  /** {@return prefixes of the names of threads to ignore, with all scopes on them} */
  String[] ignoreThreads() default {};

  /**
   * {@return methods whose threads are ignored if it is their innermost frame, or the innermost
   * that is not of the JDK; each as {@code package.Class.method}, with a {@code $} before a nested
   * class, or as {@code package.Class.*} or {@code package.*} for all methods}
   */
  String[] ignoreTop() default {};

  /** {@return methods whose threads are ignored if it is any of their frames} */
  String[] ignoreAny() default {};

  /** {@return methods whose threads are ignored if it is among the frames that created them} */
  String[] ignoreCreator() default {};

  /**
   * What is checked as a whole.
   *
   * @since 0.1
   */
  enum Per {
    /** As in the annotation of a superclass or an enclosing class, or else each test. */
    INHERITED,
    /** Each test. */
    TEST,
    /**
     * The class: one test may end what another started. Use it for tests that share a pool, which
     * creates a thread in whichever test needs it first.
     */
    CLASS
  }
}
