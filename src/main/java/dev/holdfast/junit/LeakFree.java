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
 * <p>A test is checked after its {@code @AfterEach} methods, for everything that was started since
 * before its {@code @BeforeEach} methods. What {@code @BeforeAll} methods and constructors started
 * is checked after the {@code @AfterAll} methods. Leaks get a while to end, see {@link #linger}.
 * The failure lists them, grouped by stack. The full report goes to {@code
 * target/holdfast/CLASS.METHOD.txt} and {@code .json}; the configuration parameter {@code
 * holdfast.leakfree.directory} sets another directory.
 *
 * <p>Tests may run in parallel; each is responsible for its own threads. These are recognized by
 * their context class loader, because each test has one of its own that delegates to the previous
 * one, and by the stack that created them. A thread that shows neither, because it inherits
 * nothing, counts for a test that ran alone. If several ran, it is reported when the run ends.
 *
 * <p>On a class, the annotation applies to all its tests, including those of subclasses and nested
 * classes. The annotation of a class is merged with those of its superclasses and enclosing
 * classes, and the annotation of a method with those of its class. Ignore rules add up; for all
 * other elements the nearest annotation wins.
 *
 * <p>Threads of the JVM, JUnit, build tools and Holdfast itself are never reported, nor are idle
 * workers of the common pool. The check cannot see a virtual thread that the garbage collector has
 * collected, or any in a JVM with {@code -Djdk.trackAllThreads=false}. It records where a thread
 * was created for the first thousand threads of a test.
 *
 * <p>The check takes a fraction of a millisecond if a test creates no thread, or only platform
 * threads and tasks in scopes. Otherwise it takes a thread dump, which takes some milliseconds, and
 * more with thousands of threads.
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

  /** {@return prefixes of the names of threads to ignore, with all scopes on them} */
  String[] ignoreThreads() default {};

  /**
   * {@return methods whose threads are ignored if it is their innermost frame, or the innermost
   * that is not of the JDK; each as {@code package.Class.method}, with a {@code $} before a nested
   * class}
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
