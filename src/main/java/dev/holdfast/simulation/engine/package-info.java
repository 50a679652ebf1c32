/** The engine of a simulation: turns, virtual time, schedules, verdicts. */
@NullMarked
package dev.holdfast.simulation.engine;

import org.jspecify.annotations.NullMarked;
