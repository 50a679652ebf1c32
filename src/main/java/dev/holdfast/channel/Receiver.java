package dev.holdfast.channel;

import java.time.Duration;
import java.util.Collection;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The receiving end of a channel. Any thread may call any method.
 *
 * <p>Actions of a thread before it sends an element <i>happen-before</i> those of another thread
 * after it has received that element. {@link Channel} lists what each operation does in each state.
 *
 * @param <T> the type of the elements
 * @since 0.1
 */
public interface Receiver<T> {

  /**
   * Receives an element, waiting while there is none.
   *
   * <p>Waiting receivers are served first in, first out. A receive that throws has taken nothing.
   * If the thread is interrupted after its element has arrived, the method returns the element and
   * the interrupt flag stays set.
   *
   * @return the element
   * @throws ChannelClosedException if the channel is closed and empty, or has failed; the cause is
   *     that of the failure
   * @throws InterruptedException if the thread is interrupted, or its task is cancelled, for
   *     example by a deadline
   */
  T receive() throws InterruptedException;

  /**
   * Receives an element, waiting while there is none; returns {@code null} at the end.
   *
   * <p>Use this method in loops: unlike {@link #receive}, it does not throw when the channel is
   * closed and empty.
   *
   * @return the element, or {@code null} if the channel is closed and empty
   * @throws ChannelClosedException if the channel has failed; the cause is that of the failure
   * @throws InterruptedException if the thread is interrupted or its task is cancelled
   */
  @Nullable T receiveOrNull() throws InterruptedException;

  /**
   * Receives an element if there is one, without waiting.
   *
   * @return the element, or {@code null} if there is none now
   * @throws ChannelClosedException if the channel has failed; the cause is that of the failure
   */
  @Nullable T tryReceive();

  /**
   * Receives an element, waiting up to {@code timeout} while there is none; see {@link #receive()}.
   *
   * @param timeout how long to wait; zero or less does not wait
   * @return the element, or {@code null} if the timeout elapsed
   * @throws ChannelClosedException if the channel is closed and empty, or has failed
   * @throws InterruptedException if the thread is interrupted or its task is cancelled
   * @throws NullPointerException if {@code timeout} is {@code null}
   */
  @Nullable T receive(Duration timeout) throws InterruptedException;

  /**
   * Handles every element until the channel is closed and empty.
   *
   * <p>If the handler throws, its element has been received, and the loop ends.
   *
   * @param <X> the type of the exception the handler may throw
   * @param handler called with each element, by this thread
   * @throws X if the handler throws it
   * @throws ChannelClosedException if the channel has failed; the cause is that of the failure
   * @throws InterruptedException if the thread is interrupted or its task is cancelled
   * @throws NullPointerException if {@code handler} is {@code null}
   */
  <X extends Exception> void forEach(Handler<? super T, X> handler) throws X, InterruptedException;

  /**
   * Receives the available elements, up to {@code max}, in one step and without waiting.
   *
   * @param into the collection to add them to, in order; if it throws, this method throws the same
   *     exception, and the elements not added go to {@link ChannelSpec#onUndelivered}
   * @param max the maximum number of elements to receive
   * @return the number received, 0 if there are none now
   * @throws ChannelClosedException if the channel has failed; the cause is that of the failure
   * @throws IllegalArgumentException if {@code max} is negative
   * @throws NullPointerException if {@code into} is {@code null}
   */
  int drainTo(Collection<? super T> into, int max);

  /**
   * Ends the channel because no thread will receive again: it is closed, and the elements it holds
   * go to {@link ChannelSpec#onUndelivered}.
   *
   * <p>Waiting sends throw {@link ChannelClosedException} and send nothing; the task of a {@code
   * Scope.produce} ends normally at its next send. Waiting receives end as if the channel were
   * closed and empty. If the channel is closed already, this drops the remaining elements.
   */
  void cancel();

  /**
   * {@return whether the channel is closed or has failed, and holds no element} After {@link
   * #tryReceive} has returned {@code null}, this distinguishes a channel that has ended from one
   * that is empty for now.
   */
  boolean isEnded();

  /**
   * {@return a clause of a {@link Select} that receives an element}
   *
   * <p>Like {@link #receive}, the clause throws when the channel is closed and empty.
   *
   * @param <R> the type of the select's value
   * @param then called with the element; its result is the select's value
   * @throws NullPointerException if {@code then} is {@code null}
   */
  <R extends @Nullable Object> Clause<R> onReceive(Function<? super T, ? extends R> then);

  /**
   * {@return a clause of a {@link Select} that receives an element, or {@code null} at the end}
   *
   * <p>Like {@link #receiveOrNull}, the clause is ready with {@code null} when the channel is
   * closed and empty, so a loop over several channels can leave out those that have ended.
   *
   * @param <R> the type of the select's value
   * @param then called with the element or {@code null}; its result is the select's value
   * @throws NullPointerException if {@code then} is {@code null}
   */
  <R extends @Nullable Object> Clause<R> onReceiveOrNull(
      Function<? super @Nullable T, ? extends R> then);
}
