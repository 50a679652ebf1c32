package dev.holdfast.channel;

import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A clause that is about a channel: an operation, in the steps in which a select does it. */
abstract sealed class ChannelClause<R extends @Nullable Object> extends Clause<R> {

  final RingChannel<?> channel;

  private ChannelClause(RingChannel<?> channel) {
    this.channel = channel;
  }

  /** {@return whether the operation looks as if it need not wait; without a lock} */
  abstract boolean looksReady();

  /** Does the operation if it need not wait. Under the locks; {@link #settle} must follow. */
  abstract @Nullable Object attempt();

  /** Brings it to an end, after the locks. {@return the outcome} */
  abstract Object settle(Object done);

  /** {@return what is to wait for it} */
  abstract Waiter waiter(Select.Turn turn, int index);

  /** Has it wait; under the locks. */
  abstract void queue(Waiter waiter);

  /** {@return the value of the select} */
  abstract R value(Object outcome);

  static final class Send<T, R extends @Nullable Object> extends ChannelClause<R> {

    private final T element;
    private final Supplier<? extends R> then;

    Send(RingChannel<T> channel, T element, Supplier<? extends R> then) {
      super(channel);
      this.element = element;
      this.then = then;
    }

    @Override
    boolean looksReady() {
      return channel.looksFree();
    }

    @Override
    @Nullable Object attempt() {
      return channel.offer(element);
    }

    @Override
    Object settle(Object done) {
      channel.sent((Waiter) done, element);
      return RingChannel.SENT;
    }

    @Override
    Waiter waiter(Select.Turn turn, int index) {
      return new Select.ClauseWaiter(turn, index, channel, element);
    }

    @Override
    void queue(Waiter waiter) {
      channel.queueSend(waiter);
    }

    @Override
    R value(Object outcome) {
      if (outcome == RingChannel.ENDED) {
        throw channel.closed();
      }
      return then.get();
    }
  }

  static final class Receive<R extends @Nullable Object> extends ChannelClause<R> {

    private final Function<Object, ? extends R> then;

    Receive(RingChannel<?> channel, Function<Object, ? extends R> then) {
      super(channel);
      this.then = then;
    }

    @Override
    boolean looksReady() {
      return channel.looksFilled();
    }

    @Override
    @Nullable Object attempt() {
      return channel.poll();
    }

    @Override
    @SuppressWarnings("NullAway") // what poll gave is not null
    Object settle(Object done) {
      return channel.received(done);
    }

    @Override
    Waiter waiter(Select.Turn turn, int index) {
      return new Select.ClauseWaiter(turn, index, channel, null);
    }

    @Override
    void queue(Waiter waiter) {
      channel.queueReceive(waiter);
    }

    @Override
    R value(Object outcome) {
      return then.apply(outcome);
    }
  }
}
