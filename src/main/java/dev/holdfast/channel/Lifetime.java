package dev.holdfast.channel;

/**
 * Something that ends, and with it the channels that belong to it.
 *
 * <p>A scope hands in its own, see {@code Scope.channel}. Implement it to tie channels to something
 * else.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface Lifetime {

  /**
   * Has an action run when this ends.
   *
   * @param end closes the channel and hands over what is left in it; may throw what {@link
   *     ChannelSpec#onUndelivered} throws; of no effect if it runs again
   * @throws RuntimeException if this has ended: no channel can be opened then
   */
  void onEnd(Runnable end);

  /**
   * Throws if the calling thread has been told to stop.
   *
   * <p>Every blocking operation calls it when it begins, and when its wait is interrupted. What it
   * throws comes out of the operation, which then has not happened; if it throws, it has taken the
   * interrupt it stands for out of the thread's flag. It is called often: it has to be quick.
   *
   * @throws InterruptedException if the calling thread is to stop
   */
  default void checkpoint() throws InterruptedException {}
}
