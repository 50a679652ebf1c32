package dev.holdfast.channel;

/**
 * A function that sends elements to a channel, which is closed when it returns.
 *
 * @param <T> the type of the elements
 * @since 0.1
 */
@FunctionalInterface
public interface Producer<T> {

  /**
   * Sends all elements.
   *
   * @param out the channel
   * @throws Exception if it fails; the channel then {@linkplain Sender#fail fails} with it
   */
  void produce(Sender<? super T> out) throws Exception;
}
