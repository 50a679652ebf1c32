/**
 * Bounded channels between threads, and a select over them.
 *
 * <p>{@link dev.holdfast.channel.Channel} says what they do; {@code Scope.channel} makes one that
 * ends with its scope.
 */
@NullMarked
package dev.holdfast.channel;

import org.jspecify.annotations.NullMarked;
