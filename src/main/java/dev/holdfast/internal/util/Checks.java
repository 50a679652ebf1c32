package dev.holdfast.internal.util;

import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Checks of arguments; every message names the argument and the valid values. */
public final class Checks {

  /** About 68 years: the largest number of seconds that fits in an {@code int}. */
  public static final Duration LONGEST = Duration.ofSeconds(Integer.MAX_VALUE);

  private Checks() {}

  public static <T> T given(@Nullable T value, String name) {
    return Objects.requireNonNull(value, name);
  }

  public static int atLeastOne(int value, String name) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, was " + value);
    }
    return value;
  }

  public static Duration positive(Duration value, String name) {
    given(value, name);
    if (value.isZero() || value.isNegative()) {
      throw new IllegalArgumentException(name + " must be more than zero, was " + value);
    }
    return bounded(value, name);
  }

  public static Duration notNegative(Duration value, String name) {
    given(value, name);
    if (value.isNegative()) {
      throw new IllegalArgumentException(name + " must not be negative, was " + value);
    }
    return bounded(value, name);
  }

  private static Duration bounded(Duration value, String name) {
    if (value.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          name
              + " must be at most "
              + LONGEST
              + " (68 years), was "
              + value
              + "; leave it out if there is no limit");
    }
    return value;
  }

  public static String name(String value) {
    if (given(value, "name").isBlank()) {
      throw new IllegalArgumentException("name must not be blank");
    }
    return value;
  }

  /**
   * Rejects a null element before anything starts; the items of a lazy source are checked when they
   * are taken.
   */
  public static <C extends Iterable<?>> C noNulls(C items, String name) {
    if (given(items, name) instanceof Collection<?> known) {
      int i = 0;
      for (Object item : known) {
        element(item, name, i++);
      }
    }
    return items;
  }

  /** {@return the elements of a collection at this moment, none of them null} */
  public static Object[] elements(Collection<?> items, String name) {
    Object[] copy = items.toArray();
    for (int i = 0; i < copy.length; i++) {
      element(copy[i], name, i);
    }
    return copy;
  }

  public static <T> T element(@Nullable T item, String name, int index) {
    if (item == null) {
      throw new NullPointerException(name + "[" + index + "] is null");
    }
    return item;
  }
}
