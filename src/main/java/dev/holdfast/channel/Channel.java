package dev.holdfast.channel;

import org.jspecify.annotations.Nullable;

/**
 * A bounded queue between threads that can be closed, and ends with what it belongs to.
 *
 * {@snippet class="dev.holdfast.doc.ChannelPatterns" region="pipeline"}
 *
 * <p>Elements come out in the order in which they went in. {@code null} is no element.
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
 *   <td>sends; {@code false} after the time<td>throws<td>throws<td>throws, with the cause
 * <tr><th scope="row">{@code trySend(e)}
 *   <td>sends; {@code false} if full<td>throws<td>throws<td>throws, with the cause
 * <tr><th scope="row">{@code receive()}
 *   <td>receives, waits while empty<td>receives<td>throws<td>throws, with the cause
 * <tr><th scope="row">{@code receive(timeout)}
 *   <td>receives; {@code null} after the time<td>receives<td>throws<td>throws, with the cause
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
 * <tr><th scope="row">{@code fail(cause)}
 *   <td>fails<td>nothing<td>nothing<td>nothing
 * </tbody>
 * </table>
 *
 * <p>"Throws" is {@link ChannelClosedException}. A clause of a {@link Select} is ready when its
 * operation would not wait, and then does what the operation does.
 *
 * <p>When what the channel belongs to ends, it is closed, what is left in it goes to {@link
 * ChannelSpec#onUndelivered}, and it is empty.
 *
 * @param <T> the type of the elements
 * @since 0.1
 */
public interface Channel<T> extends Sender<T>, Receiver<T> {

  /**
   * Opens a channel.
   *
   * @param <T> the type of the elements
   * @param owner what it belongs to
   * @param spec what it is to be like
   * @return the channel
   * @throws NullPointerException if {@code owner} or {@code spec} is {@code null}
   * @throws RuntimeException if the owner has ended, see {@link Lifetime#onEnd}
   */
  static <T> Channel<T> open(Lifetime owner, ChannelSpec<T> spec) {
    return RingChannel.open(owner, spec);
  }

  /** {@return the name it was given, or {@code null}} */
  @Nullable String name();

  /** {@return whether threads outside its scope use it too, see {@link ChannelSpec#shared}} */
  boolean isShared();

  /** {@return how many elements it can hold} */
  int capacity();

  /** {@return how many elements it holds at this moment} */
  int size();

  /** {@return whether it was closed or has failed; there may be elements left} */
  boolean isClosed();

  /** {@return what it has done so far} */
  ChannelStats stats();
}
