/** Time, parking and scheduling for the library: those of the machine, or of a simulation. */
@NullMarked
package dev.holdfast.internal.clock;

import org.jspecify.annotations.NullMarked;
