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
 * <p>The check of a test runs after its {@code @AfterEach} methods, when JUnit has closed the
 * resources that extensions store for the test. This check covers everything started since just
 * before the {@code @BeforeEach} methods. A second check, after the {@code @AfterAll} methods,
 * covers everything that {@code @BeforeAll} methods and constructors started. Leaks have some time
 * to end by themselves; see {@link #linger}. The failure lists the leaks, grouped by stack. The
 * full report goes to {@code target/holdfast/CLASS.METHOD.txt} and {@code .json}; the configuration
 * parameter {@code holdfast.leakfree.directory} sets another directory.
 *
 * <p>Tests may run in parallel; each is responsible for its own threads. A thread belongs to the
 * same test as the thread that creates it. A thread that inherits no test belongs to the test that
 * ran at the time, if only one ran. If several ran, the check reports it when the test run ends. If
 * two tests create threads within the same microsecond, the check may confuse the two threads.
 *
 * <p>A pool may outlive a test that uses it. A new worker of a pool that existed before the test is
 * not a leak while it waits for tasks. A worker that still runs a task of the test after the test
 * has ended is a leak, whichever code created the pool.
 *
 * <p>On a class, the annotation applies to all its tests, including those of subclasses and nested
 * classes. The check merges the annotation of a class with those of its superclasses and enclosing
 * classes, and the annotation of a method with those of its class. Ignore rules accumulate, and a
 * {@code false} for {@link #failOnStall} or {@link #presets} on any of these annotations applies.
 * For all other elements the nearest annotation applies.
 *
 * <p>The check never reports threads of the JVM, JUnit, build tools and Holdfast itself, or idle
 * workers of the common pool. With {@link #presets}, the check also ignores:
 *
 * <ul>
 *   <li>what a class initializer starts, such as a server in a static field;
 *   <li>what a {@code @BeforeAll} method of a superclass starts for the first of its subclasses;
 *   <li>contexts that Spring's test framework caches, with their servers and pools, and threads
 *       that these contexts create later without application code;
 *   <li>threads of Testcontainers, and JVM-wide threads of these libraries: database drivers,
 *       OkHttp, Netty, Reactor and Reactor Netty, RxJava, gRPC, and logging. A worker of such a
 *       library that runs or schedules a task of the test is still a leak;
 *   <li>a pool of HikariCP that a library created with its first connection;
 *   <li>{@code java.net.http} clients that belong to Spring clients.
 * </ul>
 *
 * <p>The check cannot see a virtual thread that the garbage collector has collected, or any virtual
 * thread in a JVM with {@code -Djdk.trackAllThreads=false}. The check records where a virtual
 * thread was created only for the first thousand virtual threads of a test.
 *
 * <p>The check works with JUnit 5.11 to 6.
 *
 * <p>The check takes a fraction of a millisecond if a test creates no thread, or only platform
 * threads and tasks in scopes. Otherwise the check dumps all threads, which takes some
 * milliseconds, or longer with thousands of threads. The check also dumps all threads before a test
 * if there may be new pools.
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
   * {@return the unit of the check; by default that of the enclosing annotation, or else each test}
   */
  Per per() default Per.INHERITED;

  /**
   * {@return whether a stall or deadlock that Holdfast reports during the test interrupts and fails
   * it; {@code true} unless the test, its class, or an enclosing class sets {@code false}}
   *
   * <p>A {@link dev.holdfast.diagnostics.Watch} runs for this during the tests, unless the
   * configuration parameter {@code holdfast.leakfree.watch} is {@code false}.
   */
  boolean failOnStall() default true;

  /**
   * {@return whether to ignore the threads of well-known libraries and shared fixtures that the
   * class description lists; {@code true} unless the test, its class, or an enclosing class sets
   * {@code false}}
   *
   * @since 0.1
   */
  boolean presets() default true;

  /** {@return prefixes of the names of threads to ignore, with all scopes on them} */
  String[] ignoreThreads() default {};

  /**
   * {@return methods; a thread is ignored if one of them is its innermost frame, or its innermost
   * frame outside the JDK} Each is given as {@code package.Class.method}, with a {@code $} before a
   * nested class, or as {@code package.Class.*} or {@code package.*} for all methods.
   */
  String[] ignoreTop() default {};

  /** {@return methods; a thread is ignored if one of them is among its frames} */
  String[] ignoreAny() default {};

  /** {@return methods; a thread is ignored if one of them is among the frames that created it} */
  String[] ignoreCreator() default {};

  /**
   * The unit of the check.
   *
   * @since 0.1
   */
  enum Per {
    /** The unit of the annotation of a superclass or an enclosing class, or else each test. */
    INHERITED,
    /** Each test. */
    TEST,
    /**
     * Each class: one test may end what another test of the class has started. Use it for tests
     * that share a pool, because the pool creates a thread in whichever test needs it first.
     */
    CLASS
  }
}
