package dev.holdfast.channel;

/**
 * What fills a channel, and by ending closes it.
 *
 * @param <T> the type of the elements
 * @since 0.1
 */
@FunctionalInterface
public interface Producer<T> {

  /**
   * Sends everything there is.
   *
   * @param out the channel
   * @throws Exception if it fails; the channel then fails with it
   */
  void produce(Sender<? super T> out) throws Exception;
}
