/**
 * Tests of concurrent code in virtual time, under a seeded schedule.
 *
 * <p>Begin with {@link dev.holdfast.simulation.Simulated} or, without JUnit, {@link
 * dev.holdfast.simulation.Simulation#run}. Methods reject a {@code null} argument with a {@link
 * java.lang.NullPointerException}.
 *
 * @since 0.1
 */
@NullMarked
package dev.holdfast.simulation;

import org.jspecify.annotations.NullMarked;
