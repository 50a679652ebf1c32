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
 * resources, or a thread, platform or virtual, whoever started it.
 *
 * <p>A test is checked after its {@code @AfterEach} methods, against what was started since before
 * its {@code @BeforeEach} methods. What the rest of the class has left, in {@code @BeforeAll}
 * methods or constructors, is looked for after its {@code @AfterAll} methods. What is found gets a
 * while to end, see {@link #linger}. The failure names each, grouped by stack; all of it is written
 * to {@code target/holdfast/CLASS.METHOD.txt} and {@code .json} besides. The configuration
 * parameter {@code holdfast.leakfree.directory} names another directory.
 *
 * <p>Tests may run in parallel, each is blamed for its own. Threads are told apart by their context
 * class loader, for which each test gets one that only passes on to the one before, and by where
 * they were created. A thread of which neither is known, for it inherits nothing, is blamed on the
 * test that ran alone; where none did, it is reported when the run ends.
 *
 * <p>On a class it is for all its tests, those of subclasses and nested classes included. What a
 * class says is merged with what its superclasses and enclosing classes say, and what a method says
 * with what its class says: the rules to ignore something add up, of the rest the nearest counts.
 *
 * <p>Threads of the JVM, of JUnit, of build tools and of Holdfast itself are never reported, and
 * neither are idle workers of the common pool. A virtual thread that the garbage collector has
 * collected, or that runs in a JVM with {@code -Djdk.trackAllThreads=false}, cannot be seen. Where
 * a thread was created is known of the first thousand of a test.
 *
 * <p>A test that creates no thread, or none but through Holdfast's scopes and as platform threads,
 * is checked in a fraction of a millisecond. After others the JVM is asked for a thread dump, which
 * takes some milliseconds, and more with thousands of threads.
 *
 * @since 0.1
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@ExtendWith(LeakFreeExtension.class)
public @interface LeakFree {

  /**
   * {@return whether to check at all; {@code @LeakFree(false)} is for tests that leak on purpose}
   */
  boolean value() default true;

  /**
   * {@return for how many milliseconds what is left may still end by itself, 600,000 at most; the
   * default of -1 is what is said further out, or 500}
   */
  long linger() default -1;

  /** {@return what is checked as a whole; the default is what is said further out, or each test} */
  Per per() default Per.INHERITED;

  /**
   * {@return whether a stall or a deadlock that is reported while the test runs interrupts and
   * fails it; it does unless the test, its class, or a class further out says {@code false}}
   *
   * <p>A {@link dev.holdfast.diagnostics.Watch} is on for that while tests run, unless the
   * configuration parameter {@code holdfast.leakfree.watch} is {@code false}.
   */
  boolean failOnStall() default true;

  /** {@return beginnings of names of threads to ignore, with all that runs on them} */
  String[] ignoreThreads() default {};

  /**
   * {@return methods whose threads are to be ignored when it is the innermost frame of their stack,
   * or the innermost that is not of the JDK; each as {@code package.Class.method}, with a {@code $}
   * before a nested class}
   */
  String[] ignoreTop() default {};

  /** {@return methods whose threads are to be ignored when it is any frame of their stack} */
  String[] ignoreAny() default {};

  /**
   * {@return methods whose threads are to be ignored when it is among the frames from which they
   * were created; for threads of which these are known}
   */
  String[] ignoreCreator() default {};

  /**
   * What is checked as a whole.
   *
   * @since 0.1
   */
  enum Per {
    /** What is said further out, on a superclass or an enclosing class; or else each test. */
    INHERITED,
    /** Each test. */
    TEST,
    /**
     * The class: what one test starts another may end. For tests that share a pool, which makes a
     * thread in whichever test needs it first.
     */
    CLASS
  }
}
