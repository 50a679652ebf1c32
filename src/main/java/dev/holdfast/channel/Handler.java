package dev.holdfast.channel;

import org.jspecify.annotations.Nullable;

/**
 * A function that handles an element of a channel, an item or a result, and returns nothing.
 *
 * @param <T> the type of the elements
 * @param <X> the type of the exception it may throw
 * @since 0.1
 */
@FunctionalInterface
public interface Handler<T extends @Nullable Object, X extends Exception> {

  /**
   * Handles one element.
   *
   * @param element the element; never {@code null} if it comes from a channel
   * @throws X if it fails
   * @throws InterruptedException if it is interrupted
   */
  void handle(T element) throws X, InterruptedException;
}
