package dev.holdfast;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of one item of {@link Scopes#settle settle} or of a {@linkplain Fork#outcome fork}: a
 * success, a failure, or unfinished.
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
   * {@return the values of the successes among the given outcomes, in order; an unmodifiable list}
   *
   * @param <R> the type of the results
   * @param outcomes the outcomes
   */
  static <R extends @Nullable Object> List<R> successes(
      Collection<? extends Outcome<?, ? extends R>> outcomes) {
    var values = new ArrayList<R>();
    for (Outcome<?, ? extends R> outcome : outcomes) {
      if (outcome instanceof Success<?, ? extends R> success) {
        values.add(success.value());
      }
    }
    return Collections.unmodifiableList(values);
  }

  /**
   * {@return the failures among the given outcomes, in order; an unmodifiable list}
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param outcomes the outcomes
   */
  static <T, R extends @Nullable Object> List<Failure<T, R>> failures(
      Collection<? extends Outcome<T, R>> outcomes) {
    var failures = new ArrayList<Failure<T, R>>();
    for (Outcome<T, R> outcome : outcomes) {
      if (outcome instanceof Failure<T, R> failure) {
        failures.add(failure);
      }
    }
    return Collections.unmodifiableList(failures);
  }

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
   * The function was cancelled before it returned for the item, for example by the deadline, or was
   * never started.
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param item the item
   * @since 0.1
   */
  record Unfinished<T, R extends @Nullable Object>(T item) implements Outcome<T, R> {}
}
