package dev.holdfast.channel;

import dev.holdfast.internal.channel.Waiter;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An alternative of a {@link Select}: an operation and the function to apply to its result. {@link
 * Sender#onSend}, {@link Receiver#onReceive}, {@link Receiver#onReceiveOrNull}, {@link
 * Select#timeout} and {@link Select#orElse} create clauses. A clause is immutable and may be in any
 * number of selects.
 *
 * @param <R> the type of the select's value
 * @since 0.1
 */
public abstract sealed class Clause<R extends @Nullable Object> {

  private Clause() {}

  /**
   * {@return this clause, switched off while a condition does not hold}
   *
   * <p>Each {@link Select#await} evaluates the condition once, when it begins, on its own thread. A
   * select whose clauses are all switched off throws {@link IllegalStateException}.
   *
   * @param condition whether the clause takes part
   * @throws NullPointerException if {@code condition} is {@code null}
   */
  public final Clause<R> when(BooleanSupplier condition) {
    return new Conditional<>(this, Objects.requireNonNull(condition, "condition"));
  }

  /** A clause that takes part only while a condition holds. */
  static final class Conditional<R extends @Nullable Object> extends Clause<R> {

    private final Clause<R> clause;
    private final BooleanSupplier condition;

    Conditional(Clause<R> clause, BooleanSupplier condition) {
      this.clause = clause;
      this.condition = condition;
    }

    /** {@return the clause without conditions, or null if one of them does not hold} */
    @Nullable Clause<R> ifOn() {
      Clause<R> on = condition.getAsBoolean() ? clause : null;
      return on instanceof Conditional<R> nested ? nested.ifOn() : on;
    }

    /** {@return the clause without conditions} */
    Clause<R> always() {
      return clause instanceof Conditional<R> nested ? nested.always() : clause;
    }
  }

  /** An operation on a channel, in the steps in which a select performs it. */
  abstract static sealed class OnChannel<R extends @Nullable Object> extends Clause<R> {

    final RingChannel<?> channel;

    private OnChannel(RingChannel<?> channel) {
      this.channel = channel;
    }

    /**
     * {@return whether the operation could probably be performed without waiting; takes no lock}
     */
    abstract boolean looksReady();

    /**
     * Performs the operation if the lock of one end suffices. The caller must then call {@link
     * #settle}.
     */
    abstract @Nullable Object attemptAtOneEnd();

    /**
     * Performs the operation if it need not wait. The caller holds the locks, and must call {@link
     * #settle} after it has released them.
     */
    abstract @Nullable Object attempt();

    /** Completes the operation after the locks are released. {@return the outcome} */
    abstract Object settle(Object done);

    /** {@return the element it offers, or null if it receives} */
    abstract @Nullable Object offered();

    /** Queues a waiter for the operation, under the locks. */
    abstract void queue(Waiter waiter);

    /** {@return the value of the select} */
    abstract R value(Object outcome, Select<?> select);
  }

  /** Sends an element. */
  static final class Send<T, R extends @Nullable Object> extends OnChannel<R> {

    private final T element;
    private final Supplier<? extends R> then;

    Send(RingChannel<T> channel, T element, Supplier<? extends R> then) {
      super(channel);
      this.element = element;
      this.then = then;
    }

    @Override
    boolean looksReady() {
      return channel.looksSendable();
    }

    @Override
    @Nullable Object attemptAtOneEnd() {
      return channel.append(element) ? RingChannel.TAKEN : null;
    }

    @Override
    @Nullable Object attempt() {
      return channel.sendOrDrop(element);
    }

    @Override
    Object settle(Object done) {
      if (done == RingChannel.ENDED) {
        return done;
      }
      channel.sent((Waiter) done, element);
      return RingChannel.SENT;
    }

    @Override
    Object offered() {
      return element;
    }

    @Override
    void queue(Waiter waiter) {
      channel.queueSend(waiter);
    }

    @Override
    R value(Object outcome, Select<?> select) {
      if (outcome == RingChannel.ENDED) {
        throw channel.closed(select.place(this));
      }
      return then.get();
    }
  }

  /** Receives an element. */
  static final class Receive<T, R extends @Nullable Object> extends OnChannel<R> {

    private final Function<? super @Nullable T, ? extends R> then;
    private final boolean nullAtEnd;

    Receive(
        RingChannel<T> channel,
        Function<? super @Nullable T, ? extends R> then,
        boolean nullAtEnd) {
      super(channel);
      this.then = then;
      this.nullAtEnd = nullAtEnd;
    }

    @Override
    boolean looksReady() {
      return channel.looksFilled();
    }

    @Override
    @Nullable Object attemptAtOneEnd() {
      return channel.take();
    }

    @Override
    @Nullable Object attempt() {
      return channel.poll();
    }

    @Override
    @SuppressWarnings("NullAway") // the result of attempt is not null
    Object settle(Object done) {
      return RingChannel.received(done);
    }

    @Override
    @Nullable Object offered() {
      return null;
    }

    @Override
    void queue(Waiter waiter) {
      channel.queueReceive(waiter);
    }

    @Override
    @SuppressWarnings({"unchecked", "NullAway"}) // only a T was ever sent; the function takes null
    R value(Object outcome, Select<?> select) {
      if (outcome != RingChannel.ENDED) {
        return then.apply((T) outcome);
      }
      if (nullAtEnd && channel.cause() == null) {
        return then.apply(null);
      }
      throw channel.closed(select.place(this));
    }
  }

  /** The clause that is taken if no operation is ready within a timeout, which may be zero. */
  static final class Otherwise<R extends @Nullable Object> extends Clause<R> {

    final long nanos;
    final Supplier<? extends R> then;

    Otherwise(long nanos, Supplier<? extends R> then) {
      this.nanos = nanos;
      this.then = then;
    }
  }
}
