package dev.holdfast.channel;

/**
 * A function that is applied to each element of a channel.
 *
 * @param <T> the type of the elements
 * @param <X> the type of the exception it may throw
 * @since 0.1
 */
@FunctionalInterface
public interface Handler<T, X extends Exception> {

  /**
   * Handles one element.
   *
   * @param element the element, never {@code null}
   * @throws X if it fails
   * @throws InterruptedException if it is interrupted
   */
  void handle(T element) throws X, InterruptedException;
}
