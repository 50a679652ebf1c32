/**
 * Bounded channels between threads, and a select over them.
 *
 * <p>Start with {@link dev.holdfast.channel.Channel}. {@code Scope.channel} opens a channel that
 * ends with its scope.
 */
@NullMarked
package dev.holdfast.channel;

import org.jspecify.annotations.NullMarked;
