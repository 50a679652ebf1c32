/**
 * Tests of concurrent code under virtual time and a seeded schedule.
 *
 * <p>Begin with {@link dev.holdfast.simulation.Simulated} or, without JUnit, {@link
 * dev.holdfast.simulation.Simulation#run}.
 *
 * @since 0.1
 */
@NullMarked
package dev.holdfast.simulation;

import org.jspecify.annotations.NullMarked;
