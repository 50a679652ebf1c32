/**
 * Snapshots of live scopes and tasks, and reports about them, as records.
 *
 * <p>{@link dev.holdfast.Inspect} takes them.
 */
@NullMarked
package dev.holdfast.inspect;

import org.jspecify.annotations.NullMarked;
