package dev.holdfast;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of one item of {@link Scopes#settle settle}: a success, a failure, or unfinished.
 *
 * {@snippet class="dev.holdfast.doc.Patterns" region="settle"}
 *
 * @param <T> the type of the items
 * @param <R> the type of the results
 * @since 0.1
 */
public sealed interface Outcome<T, R extends @Nullable Object> {

  /** {@return the item} */
  T item();

  /**
   * The function returned a value for the item.
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param item the item
   * @param value what the function returned, may be {@code null}
   * @param elapsed how long the function ran
   * @since 0.1
   */
  record Success<T, R extends @Nullable Object>(T item, R value, Duration elapsed)
      implements Outcome<T, R> {}

  /**
   * The function threw an exception for the item.
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param item the item
   * @param cause the exception
   * @param elapsed how long the function ran
   * @since 0.1
   */
  record Failure<T, R extends @Nullable Object>(T item, Throwable cause, Duration elapsed)
      implements Outcome<T, R> {}

  /**
   * The deadline passed before the function returned for the item, or before it was started.
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param item the item
   * @since 0.1
   */
  record Unfinished<T, R extends @Nullable Object>(T item) implements Outcome<T, R> {}
}
