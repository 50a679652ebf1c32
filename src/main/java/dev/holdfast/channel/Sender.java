package dev.holdfast.channel;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The sending end of a channel. Any thread may call any method.
 *
 * <p>Actions of a thread before it sends an element <i>happen-before</i> those of another thread
 * after it has received that element. {@link Channel} lists what each operation does in each state.
 *
 * @param <T> the type of the elements
 * @since 0.1
 */
public interface Sender<T> {

  /**
   * Sends an element, waiting while the channel is full.
   *
   * <p>Waiting senders are served first in, first out. A send that throws has sent nothing. If the
   * thread is interrupted after its element was taken, the method returns and the interrupt flag
   * stays set.
   *
   * @param element the element
   * @throws ChannelClosedException if the channel is closed or has failed, even during the wait
   * @throws InterruptedException if the thread is interrupted, or its task is cancelled, for
   *     example by a deadline
   * @throws NullPointerException if {@code element} is {@code null}
   */
  void send(T element) throws InterruptedException;

  /**
   * Sends an element if that is possible without waiting.
   *
   * <p>With an {@link Overflow} policy that drops, a send is always possible: the method returns
   * {@code true} even if it dropped the element.
   *
   * @param element the element
   * @return whether it was sent
   * @throws ChannelClosedException if the channel is closed or has failed
   * @throws NullPointerException if {@code element} is {@code null}
   */
  boolean trySend(T element);

  /**
   * Sends an element, waiting up to {@code timeout} while the channel is full; see {@link
   * #send(Object)}.
   *
   * @param element the element
   * @param timeout how long to wait; zero or less does not wait
   * @return whether it was sent, {@code false} if the timeout elapsed
   * @throws ChannelClosedException if the channel is closed or has failed, even during the wait
   * @throws InterruptedException if the thread is interrupted or its task is cancelled
   * @throws NullPointerException if {@code element} or {@code timeout} is {@code null}
   */
  boolean send(T element, Duration timeout) throws InterruptedException;

  /**
   * Closes the channel: it takes no more elements, and those it holds can still be received.
   *
   * <p>Waiting sends throw {@link ChannelClosedException} and send nothing. Closing a channel that
   * is closed or has failed does nothing.
   */
  void close();

  /**
   * Closes the channel because of a failure. The channel takes no more elements. Receivers still
   * get the elements that the channel holds, and then the cause. To end the channel at once, use
   * {@link #fail}.
   *
   * <p>Waiting sends throw {@link ChannelClosedException} and send nothing. Closing a channel that
   * is closed or has failed does nothing.
   *
   * @param cause the cause of every {@link ChannelClosedException} the channel throws
   * @throws NullPointerException if {@code cause} is {@code null}
   */
  void close(Throwable cause);

  /**
   * Fails the channel: every operation on it throws from now on.
   *
   * <p>Waiting sends and receives throw as well. The elements it holds go to {@link
   * ChannelSpec#onUndelivered}. Failing a channel that is closed or has failed does nothing.
   *
   * @param cause the cause of every {@link ChannelClosedException} the channel throws
   * @throws NullPointerException if {@code cause} is {@code null}
   */
  void fail(Throwable cause);

  /**
   * {@return a clause of a {@link Select} that sends an element}
   *
   * @param <R> the type of the select's value
   * @param element the element
   * @param then called after the element was sent; its result is the select's value
   * @throws NullPointerException if {@code element} or {@code then} is {@code null}
   */
  <R extends @Nullable Object> Clause<R> onSend(T element, Supplier<? extends R> then);
}
