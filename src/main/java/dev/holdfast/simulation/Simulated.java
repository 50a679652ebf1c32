package dev.holdfast.simulation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A JUnit test that runs in a {@link Simulation}, once for each seed. It replaces {@code @Test}.
 *
 * {@snippet class="dev.holdfast.doc.SimulationPatterns" region="simulated"}
 *
 * <p>The method may have a parameter of the type {@link Simulation}. The first seed that fails ends
 * the test. Its message shows the schedule, and {@code -Dholdfast.seed=417} runs seed 417 alone. To
 * explain a failure, the simulation runs the method again on new instances of the class, with the
 * {@code BeforeEach} and {@code AfterEach} methods.
 *
 * <p>If a test has this annotation, JUnit's launcher sets one carrier for all virtual threads of
 * the JVM before the first test. Run these tests, which have the tag {@code simulation}, in a JVM
 * of their own.
 *
 * @since 0.1
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@TestTemplate
@Tag("simulation")
@ExtendWith(SimulatedExtension.class)
public @interface Simulated {

  /** {@return how many seeds to run, starting at {@link #from}} */
  int seeds() default 100;

  /** {@return the first seed} */
  long from() default 0;

  /** {@return how the simulation picks the thread that runs next} */
  Strategy strategy() default Strategy.MIXED;

  /** {@return the faults to insert} */
  Fault[] faults() default {};

  /** {@return the maximum number of scheduling points in a run} */
  long steps() default 1_000_000;
}
