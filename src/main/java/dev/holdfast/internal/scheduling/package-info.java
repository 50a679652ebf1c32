/** Keeps traffic through the library from starving other virtual threads. */
@NullMarked
package dev.holdfast.internal.scheduling;

import org.jspecify.annotations.NullMarked;
