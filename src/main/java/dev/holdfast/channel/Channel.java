package dev.holdfast.channel;

import org.jspecify.annotations.Nullable;

/**
 * A bounded first-in-first-out queue between threads. It can be closed, and it ends with its owner.
 *
 * {@snippet class="dev.holdfast.doc.ChannelPatterns" region="pipeline"}
 *
 * <p>Elements are received in the order in which they were sent. A channel refuses {@code null}.
 *
 * <table>
 * <caption>What an operation does, by the state of the channel</caption>
 * <thead>
 * <tr><th scope="col">operation<th scope="col">open<th scope="col">closed, elements left
 *   <th scope="col">closed and empty<th scope="col">failed
 * </thead>
 * <tbody>
 * <tr><th scope="row">{@code send(e)}
 *   <td>sends, waits while full<td>throws<td>throws<td>throws, with the cause
 * <tr><th scope="row">{@code send(e, timeout)}
 *   <td>sends; {@code false} after the timeout<td>throws<td>throws<td>throws, with the cause
 * <tr><th scope="row">{@code trySend(e)}
 *   <td>sends; {@code false} if full<td>throws<td>throws<td>throws, with the cause
 * <tr><th scope="row">{@code receive()}
 *   <td>receives, waits while empty<td>receives<td>throws<td>throws, with the cause
 * <tr><th scope="row">{@code receive(timeout)}
 *   <td>receives; {@code null} after the timeout<td>receives<td>throws<td>throws, with the cause
 * <tr><th scope="row">{@code receiveOrNull()}
 *   <td>receives, waits while empty<td>receives<td>{@code null}<td>throws, with the cause
 * <tr><th scope="row">{@code tryReceive()}
 *   <td>receives; {@code null} if empty<td>receives<td>{@code null}<td>throws, with the cause
 * <tr><th scope="row">{@code drainTo(c, n)}
 *   <td>receives up to n<td>receives up to n<td>0<td>throws, with the cause
 * <tr><th scope="row">{@code forEach(h)}
 *   <td>handles, waits while empty<td>handles<td>returns<td>throws, with the cause
 * <tr><th scope="row">{@code close()}
 *   <td>closes<td>nothing<td>nothing<td>nothing
 * <tr><th scope="row">{@code close(cause)}
 *   <td>closes; throws with the cause once empty<td>nothing<td>nothing<td>nothing
 * <tr><th scope="row">{@code cancel()}
 *   <td>closes and drops<td>drops<td>nothing<td>nothing
 * <tr><th scope="row">{@code fail(cause)}
 *   <td>fails<td>nothing<td>nothing<td>nothing
 * </tbody>
 * </table>
 *
 * <p>"Throws" means a {@link ChannelClosedException}. A clause of a {@link Select} is ready when
 * its operation would not wait; it then does what the operation does.
 *
 * <p>When the owner ends, the channel is closed and emptied: its remaining elements go to {@link
 * ChannelSpec#onUndelivered}.
 *
 * @param <T> the type of the elements
 * @since 0.1
 */
public interface Channel<T> extends Sender<T>, Receiver<T> {

  /**
   * Opens a channel that ends with its owner.
   *
   * @param <T> the type of the elements
   * @param owner the owner, such as a scope; {@code Scope.channel} passes its scope
   * @param spec the capacity and the other settings
   * @return the channel
   * @throws NullPointerException if {@code owner} or {@code spec} is {@code null}
   * @throws RuntimeException if the owner has ended; see {@link Lifetime#onEnd}
   */
  static <T> Channel<T> open(Lifetime owner, ChannelSpec<T> spec) {
    return RingChannel.open(owner, spec);
  }

  /** {@return the name, or {@code null} if it has none} */
  @Nullable String name();

  /** {@return whether threads outside its scope use it as well; see {@link ChannelSpec#shared}} */
  boolean isShared();

  /** {@return the largest number of elements it holds} */
  int capacity();

  /** {@return the number of elements it holds at this moment} */
  int size();

  /** {@return whether it was closed or has failed; it may still hold elements} */
  boolean isClosed();

  /** {@return its counts at this moment} */
  ChannelStats stats();
}
