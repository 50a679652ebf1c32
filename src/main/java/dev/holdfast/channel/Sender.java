package dev.holdfast.channel;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The end of a channel that takes elements. Any thread may call any method.
 *
 * <p>What a thread does before it sends an element happens-before what another does after it has
 * received it. {@link Channel} says what each operation does in each state.
 *
 * @param <T> the type of the elements
 * @since 0.1
 */
public interface Sender<T> {

  /**
   * Sends an element, waiting while the channel is full.
   *
   * <p>Senders that wait are served in the order in which they came. A send that throws has not
   * happened.
   *
   * @param element the element
   * @throws ChannelClosedException if the channel is closed or has failed, before or meanwhile
   * @throws InterruptedException if the thread is interrupted or its task is cancelled, as it is
   *     when a deadline passes
   * @throws NullPointerException if {@code element} is {@code null}
   */
  void send(T element) throws InterruptedException;

  /**
   * Sends an element if that needs no waiting.
   *
   * <p>With an {@link Overflow} policy that drops it never needs waiting: it answers {@code true}
   * also for an element that is dropped.
   *
   * @param element the element
   * @return whether it was sent
   * @throws ChannelClosedException if the channel is closed or has failed
   * @throws NullPointerException if {@code element} is {@code null}
   */
  boolean trySend(T element);

  /**
   * Sends an element, waiting for a time while the channel is full; see {@link #send(Object)}.
   *
   * @param element the element
   * @param timeout for how long; zero or less does not wait
   * @return whether it was sent, {@code false} if the time was up
   * @throws ChannelClosedException if the channel is closed or has failed, before or meanwhile
   * @throws InterruptedException if the thread is interrupted or its task is cancelled
   * @throws NullPointerException if {@code element} or {@code timeout} is {@code null}
   */
  boolean send(T element, Duration timeout) throws InterruptedException;

  /**
   * Closes the channel: it takes no more elements, and ends when those it holds have been received.
   *
   * <p>Sends that wait have not happened and throw {@link ChannelClosedException}. Of no effect on
   * a channel that is closed or has failed.
   */
  void close();

  /**
   * Fails the channel: it ends at once, and who sends or receives gets the cause.
   *
   * <p>What it holds goes to {@link ChannelSpec#onUndelivered}. Of no effect on a channel that is
   * closed or has failed.
   *
   * @param cause why; the cause of every {@link ChannelClosedException} from here on
   * @throws NullPointerException if {@code cause} is {@code null}
   */
  void fail(Throwable cause);

  /**
   * {@return a clause of a {@link Select} that sends an element}
   *
   * @param <R> the type of the select's value
   * @param element the element
   * @param then called after it was sent; its value is the select's
   * @throws NullPointerException if {@code element} or {@code then} is {@code null}
   */
  <R extends @Nullable Object> Clause<R> onSend(T element, Supplier<? extends R> then);
}
