package dev.holdfast;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How one item of a {@link ScopeSpec#settle settle} ended.
 *
 * {@snippet class="dev.holdfast.doc.Patterns" region="settle"}
 *
 * @param <T> the type of the items
 * @param <R> the type of the results
 * @since 0.1
 */
public sealed interface Outcome<T, R extends @Nullable Object> {

  /** {@return the item this is the outcome of} */
  T item();

  /**
   * The item's task returned a value.
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param item the item
   * @param value what the task returned, may be {@code null}
   * @param elapsed how long the task ran
   * @since 0.1
   */
  record Success<T, R extends @Nullable Object>(T item, R value, Duration elapsed)
      implements Outcome<T, R> {}

  /**
   * The item's task threw.
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param item the item
   * @param cause what the task threw, unchanged
   * @param elapsed how long the task ran
   * @since 0.1
   */
  record Failure<T, R extends @Nullable Object>(T item, Throwable cause, Duration elapsed)
      implements Outcome<T, R> {}

  /**
   * The item's task was cut off by the deadline, or never started because of it.
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param item the item
   * @since 0.1
   */
  record Unfinished<T, R extends @Nullable Object>(T item) implements Outcome<T, R> {}
}
