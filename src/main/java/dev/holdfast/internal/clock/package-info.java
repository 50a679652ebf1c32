/** The time, the parking and the schedule of the library: of the machine, or of a simulation. */
@NullMarked
package dev.holdfast.internal.clock;

import org.jspecify.annotations.NullMarked;
