package dev.holdfast.channel;

import java.time.Duration;
import java.util.Collection;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The end of a channel that gives elements. Any thread may call any method.
 *
 * <p>What a thread does before it sends an element happens-before what another does after it has
 * received it. {@link Channel} says what each operation does in each state.
 *
 * @param <T> the type of the elements
 * @since 0.1
 */
public interface Receiver<T> {

  /**
   * Receives an element, waiting while there is none.
   *
   * <p>Receivers that wait are served in the order in which they came. A receive that throws has
   * taken nothing.
   *
   * @return the element
   * @throws ChannelClosedException if the channel is closed and empty, or has failed; the cause is
   *     what it failed with
   * @throws InterruptedException if the thread is interrupted or its task is cancelled, as it is
   *     when a deadline passes
   */
  T receive() throws InterruptedException;

  /**
   * Receives an element, waiting while there is none, or {@code null} at the end.
   *
   * <p>To be called in a loop: {@link #receive} without the exception for a normal end.
   *
   * @return the element, or {@code null} if the channel is closed and empty
   * @throws ChannelClosedException if the channel has failed; the cause is what it failed with
   * @throws InterruptedException if the thread is interrupted or its task is cancelled
   */
  @Nullable T receiveOrNull() throws InterruptedException;

  /**
   * Receives an element if there is one.
   *
   * @return the element, or {@code null} if there is none now
   * @throws ChannelClosedException if the channel has failed; the cause is what it failed with
   */
  @Nullable T tryReceive();

  /**
   * Receives an element, waiting for a time while there is none; see {@link #receive()}.
   *
   * @param timeout for how long; zero or less does not wait
   * @return the element, or {@code null} if the time was up
   * @throws ChannelClosedException if the channel is closed and empty, or has failed
   * @throws InterruptedException if the thread is interrupted or its task is cancelled
   * @throws NullPointerException if {@code timeout} is {@code null}
   */
  @Nullable T receive(Duration timeout) throws InterruptedException;

  /**
   * Handles every element until the channel is closed and empty.
   *
   * <p>An element whose handler throws has been received.
   *
   * @param <X> what the handler may throw
   * @param handler what to do with each
   * @throws X if the handler does
   * @throws ChannelClosedException if the channel has failed; the cause is what it failed with
   * @throws InterruptedException if the thread is interrupted or its task is cancelled
   * @throws NullPointerException if {@code handler} is {@code null}
   */
  <X extends Exception> void forEach(Handler<? super T, X> handler) throws X, InterruptedException;

  /**
   * Receives all the elements there are, at most so many, in one step.
   *
   * @param into where to add them, in their order; what it throws comes out, and the elements it
   *     has not taken go to {@link ChannelSpec#onUndelivered}
   * @param max how many at most
   * @return how many were received, 0 if there are none now
   * @throws ChannelClosedException if the channel has failed; the cause is what it failed with
   * @throws IllegalArgumentException if {@code max} is negative
   * @throws NullPointerException if {@code into} is {@code null}
   */
  int drainTo(Collection<? super T> into, int max);

  /**
   * {@return a clause of a {@link Select} that receives an element}
   *
   * <p>Like {@link #receive}, it throws when the channel is closed and empty.
   *
   * @param <R> the type of the select's value
   * @param then called with the element; its value is the select's
   * @throws NullPointerException if {@code then} is {@code null}
   */
  <R extends @Nullable Object> Clause<R> onReceive(Function<? super T, ? extends R> then);

  /**
   * {@return a clause of a {@link Select} that receives an element, or {@code null} at the end}
   *
   * <p>Like {@link #receiveOrNull}, it is ready with {@code null} when the channel is closed and
   * empty: a loop over several channels learns which has ended, and leaves it out from then on.
   *
   * @param <R> the type of the select's value
   * @param then called with the element or {@code null}; its value is the select's
   * @throws NullPointerException if {@code then} is {@code null}
   */
  <R extends @Nullable Object> Clause<R> onReceiveOrNull(
      Function<? super @Nullable T, ? extends R> then);
}
