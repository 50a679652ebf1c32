/** The threads of the JVM as the operating system sees them. */
@NullMarked
package dev.holdfast.simulation.kernel;

import org.jspecify.annotations.NullMarked;
