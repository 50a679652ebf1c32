package dev.holdfast.channel;

/**
 * An owner of channels: when it ends, its channels end.
 *
 * <p>{@code Scope.channel} passes the lifetime of its scope. Implement it to tie channels to
 * another owner.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface Lifetime {

  /**
   * Registers an action to run when this owner ends.
   *
   * @param end closes the channel and passes the remaining elements to {@link
   *     ChannelSpec#onUndelivered}, whose exceptions it throws; running it again does nothing
   * @throws RuntimeException if this owner has ended; the channel is then not opened
   */
  void onEnd(Runnable end);

  /**
   * Throws if the calling thread is cancelled.
   *
   * <p>Every blocking operation calls this method when it begins and when its wait is interrupted.
   * If this method throws, the operation throws the same exception and has no effect. An
   * implementation that throws must first clear an interrupt that it has sent itself. This method
   * is on the fast path of every operation and must not block.
   *
   * @throws InterruptedException if the calling thread is cancelled
   */
  default void checkpoint() throws InterruptedException {}
}
