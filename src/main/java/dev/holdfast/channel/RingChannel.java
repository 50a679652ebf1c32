package dev.holdfast.channel;

import dev.holdfast.internal.channel.ParkingQueue;
import dev.holdfast.internal.channel.Timeouts;
import dev.holdfast.internal.channel.Waiter;
import dev.holdfast.internal.util.Throwables;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The operations of a channel on its queue. Running this object ends the channel; see {@link
 * Lifetime#onEnd}.
 */
final class RingChannel<T> extends ParkingQueue implements Channel<T>, Runnable {

  final ChannelSpec<T> spec;
  private final Lifetime owner;

  private RingChannel(Lifetime owner, ChannelSpec<T> spec) {
    super(spec.capacity);
    this.owner = owner;
    this.spec = spec;
  }

  static <T> Channel<T> open(Lifetime owner, ChannelSpec<T> spec) {
    Objects.requireNonNull(owner, "owner");
    var channel = new RingChannel<>(owner, Objects.requireNonNull(spec, "spec"));
    owner.onEnd(channel);
    return channel;
  }

  @Override
  public void send(T element) throws InterruptedException {
    requireElement(element);
    begin();
    if (!append(element)) {
      sendSlowly(element, Timeouts.NONE);
    }
  }

  @Override
  public boolean send(T element, Duration timeout) throws InterruptedException {
    requireElement(element);
    Objects.requireNonNull(timeout, "timeout");
    begin();
    return append(element) || sendSlowly(element, Timeouts.nanos(timeout));
  }

  @Override
  public boolean trySend(T element) {
    requireElement(element);
    return append(element) || sendNow(element);
  }

  @Override
  public T receive() throws InterruptedException {
    begin();
    T element = cast(take());
    return element != null ? element : orThrow(receiveSlowly(Timeouts.NONE));
  }

  @Override
  public @Nullable T receiveOrNull() throws InterruptedException {
    begin();
    T element = cast(take());
    return element != null ? element : orNull(receiveSlowly(Timeouts.NONE));
  }

  @Override
  public @Nullable T receive(Duration timeout) throws InterruptedException {
    Objects.requireNonNull(timeout, "timeout");
    begin();
    T element = cast(take());
    if (element == null) {
      Object received = receiveSlowly(Timeouts.nanos(timeout));
      element = received == null ? null : orThrow(received);
    }
    return element;
  }

  @Override
  public @Nullable T tryReceive() {
    T element = cast(take());
    return element != null ? element : orNull(receiveNow());
  }

  @Override
  public <X extends Exception> void forEach(Handler<? super T, X> handler)
      throws X, InterruptedException {
    Objects.requireNonNull(handler, "handler");
    for (T element; (element = receiveOrNull()) != null; ) {
      handler.handle(element);
    }
  }

  private static void requireElement(@Nullable Object element) {
    if (element == null) {
      throw new NullPointerException(
          "element: a channel carries no null; send an Optional instead");
    }
  }

  /** Begins a blocking operation: a cancelled or interrupted thread must not perform it. */
  private void begin() throws InterruptedException {
    owner.checkpoint();
    throwIfInterrupted();
  }

  /** Clears the interrupt flag. {@return the exception to throw for it} */
  private InterruptedException interrupted() throws InterruptedException {
    owner.checkpoint(); // while the flag is set, so that the owner can recognize its own interrupt
    Thread.interrupted();
    return new InterruptedException("interrupted while using " + label());
  }

  Lifetime owner() {
    return owner;
  }

  private boolean sendSlowly(T element, long nanos) throws InterruptedException {
    if (nanos == 0) {
      return sendNow(element);
    }
    if (spec.overflow == Overflow.BLOCK && spinForRoom(nanos) && append(element)) {
      return true;
    }
    Waiter done = Objects.requireNonNull(locked(this, RingChannel::sendOrQueue, element));
    if (!done.isSend()) {
      return sent(done, element);
    }
    if (!await(done, nanos)) {
      throwIfInterrupted();
      return false;
    }
    if (done.item() == null) {
      throw closed();
    }
    return true;
  }

  private boolean sendNow(T element) {
    return sent(locked(this, RingChannel::sendOrDrop, element), element);
  }

  /** {@return the send that was queued, or what {@link #sendOrDrop} returns} */
  Waiter sendOrQueue(Object element) {
    Waiter done = sendOrDrop(element);
    if (done == null) {
      done = new SendWait(this, element);
      queueSend(done);
    }
    return done;
  }

  /**
   * Sends an element, or drops one if the policy requires it. The caller holds both locks.
   *
   * @return the argument for {@link #sent} after the locks are released; null if the send would
   *     have to wait
   */
  @Nullable Waiter sendOrDrop(Object element) {
    Waiter done = offer(element);
    if (done == null && spec.overflow != Overflow.BLOCK) {
      var dropped = new Dropped(); // first, because nothing after it can fail
      dropped.element = spec.overflow == Overflow.DROP_NEWEST ? drop(element) : displace(element);
      return dropped;
    }
    return done;
  }

  /** Completes a send after the locks are released. {@return whether the element was sent} */
  boolean sent(@Nullable Waiter done, Object element) {
    if (done == ENDED) {
      throw closed();
    }
    if (done instanceof Dropped dropped) {
      spec.deliver(List.of(Objects.requireNonNull(dropped.element)));
    } else if (done != null && done != TAKEN) {
      done.complete(element);
    }
    return done != null;
  }

  /** {@return the element, {@link #ENDED}, or null after the timeout} */
  private @Nullable Object receiveSlowly(long nanos) throws InterruptedException {
    if (nanos == 0) {
      return receiveNow();
    }
    if (spinForElement(nanos)) {
      Object element = take();
      if (element != null) {
        return element;
      }
    }
    Object done = locked(this, RingChannel::receiveOrQueue, null);
    if (done == ENDED || !(done instanceof Waiter waiter) || waiter.isSend()) {
      return received(done);
    }
    if (!await(waiter, nanos)) {
      throwIfInterrupted();
      Waiter.throwIfAskedToStop();
      return null;
    }
    return waiter.item() == null ? ENDED : waiter.item();
  }

  private @Nullable Object receiveNow() {
    return received(locked(this, (channel, none) -> channel.poll(), null));
  }

  /** {@return the receive that was queued, or what {@link #poll} returns} */
  Object receiveOrQueue(@Nullable Object none) {
    Object done = poll();
    if (done == null) {
      var waiter = new Wait(Thread.currentThread(), this, null);
      queueReceive(waiter);
      done = waiter;
    }
    return done;
  }

  private void throwIfInterrupted() throws InterruptedException {
    if (Thread.currentThread().isInterrupted()) {
      throw interrupted();
    }
  }

  private T orThrow(@Nullable Object received) {
    if (received == ENDED) {
      throw closed();
    }
    return Objects.requireNonNull(cast(received));
  }

  @Nullable T orNull(@Nullable Object received) {
    if (received != ENDED) {
      return cast(received);
    }
    if (cause() != null) {
      throw closed();
    }
    return null;
  }

  @Override
  public void close() {
    endAs(State.CLOSED, null, false);
  }

  @Override
  public void fail(Throwable cause) {
    spec.deliver(endAs(State.FAILED, Objects.requireNonNull(cause, "cause"), true));
  }

  @Override
  public void close(Throwable cause) {
    endAs(State.CLOSED, Objects.requireNonNull(cause, "cause"), false);
  }

  @Override
  public void cancel() {
    spec.deliver(endAs(State.CLOSED, null, true));
  }

  @Override
  public boolean isEnded() {
    return isClosed() && size() == 0;
  }

  /** Ends the channel because its owner ends. */
  @Override
  public void run() {
    spec.deliver(endAs(State.CLOSED, null, true));
  }

  @Override
  public int drainTo(Collection<? super T> into, int max) {
    Objects.requireNonNull(into, "into");
    if (max < 0) {
      throw new IllegalArgumentException("max must not be negative, was " + max);
    }
    List<Object> taken = takeUpTo(max);
    if (taken.isEmpty()) {
      orNull(isClosed() ? ENDED : null);
    }
    addAll(taken, into);
    return taken.size();
  }

  private void addAll(List<Object> taken, Collection<? super T> into) {
    int added = 0;
    try {
      for (Object element : taken) {
        into.add(Objects.requireNonNull(cast(element)));
        added++;
      }
    } catch (Throwable thrown) {
      try {
        List<Object> lost = taken.subList(added, taken.size());
        lost(lost.size());
        spec.deliver(lost);
      } catch (Throwable t) {
        Throwables.suppress(thrown, t);
      }
      throw thrown;
    }
  }

  @Override
  public <R extends @Nullable Object> Clause<R> onSend(T element, Supplier<? extends R> then) {
    requireElement(element);
    return new Clause.Send<>(this, element, Objects.requireNonNull(then, "then"));
  }

  @Override
  public <R extends @Nullable Object> Clause<R> onReceive(Function<? super T, ? extends R> then) {
    Objects.requireNonNull(then, "then");
    return new Clause.Receive<>(this, then, false);
  }

  @Override
  public <R extends @Nullable Object> Clause<R> onReceiveOrNull(
      Function<? super @Nullable T, ? extends R> then) {
    Objects.requireNonNull(then, "then");
    return new Clause.Receive<>(this, then, true);
  }

  @Override
  public @Nullable String name() {
    return spec.name;
  }

  @Override
  public boolean isShared() {
    return spec.shared;
  }

  @Override
  public int capacity() {
    return capacity;
  }

  /** {@return the name, and what it holds} */
  @Override
  public String toString() {
    return label() + ", " + size() + " elements" + (isClosed() ? ", closed" : "");
  }

  @Override
  public ChannelStats stats() {
    Counts counts = counts();
    long dropped = counts.undelivered() - counts.leftOver();
    // A dropped element has passed both ends if it was in the ring, and neither if it never entered
    // the ring.
    boolean refuses = capacity == 0 || spec.overflow == Overflow.DROP_NEWEST;
    return new ChannelStats(
        counts.size(),
        counts.peak(),
        counts.entered() + (refuses ? dropped : 0),
        counts.left() - counts.leftOver() - (refuses ? 0 : dropped),
        counts.undelivered(),
        counts.waitingSenders(),
        counts.waitingReceivers());
  }

  private ChannelClosedException closed() {
    return closed("");
  }

  /** {@return the exception of an operation; {@code place} follows the channel's name} */
  ChannelClosedException closed(String place) {
    Throwable why = cause();
    return new ChannelClosedException(
        why == null
            ? label()
                + place
                + " is closed: a send fails, and a receive fails once the channel is empty"
            : label() + place + " has failed: " + why,
        why);
  }

  /** {@return whether a send could probably be performed without waiting; takes no lock} */
  boolean looksSendable() {
    return looksFree() || spec.overflow != Overflow.BLOCK;
  }

  String label() {
    return spec.label();
  }

  @SuppressWarnings("unchecked") // only a T was ever sent
  private @Nullable T cast(@Nullable Object element) {
    return (T) element;
  }

  /** Returned in place of a waiter: the element that the overflow policy dropped. */
  private static final class Dropped extends Waiter {

    @Nullable Object element;

    Dropped() {
      super(null, null);
    }
  }

  /** A send that waits. */
  private static final class SendWait extends Wait {

    SendWait(RingChannel<?> channel, Object element) {
      super(Thread.currentThread(), channel, element);
    }

    @Override
    public boolean isSend() {
      return true;
    }
  }

  /** A waiting receive; its subclasses are waiting sends and selects. */
  static non-sealed class Wait extends Waiter implements Waiting {

    private final @Nullable RingChannel<?> channel;

    Wait(@Nullable Thread thread, @Nullable RingChannel<?> channel, @Nullable Object item) {
      super(thread, item);
      this.channel = channel;
    }

    @Override
    public Operation operation() {
      return isSend() ? Operation.SEND : Operation.RECEIVE;
    }

    @Override
    public List<Channel<?>> channels() {
      return channel == null ? List.of() : List.of(channel);
    }

    @Override
    public final List<Lifetime> owners() {
      return channels().stream().map(open -> ((RingChannel<?>) open).owner()).toList();
    }

    @Override
    public final boolean isOver() {
      return isDone();
    }

    @Override
    protected final String operationName() {
      return operation().name();
    }

    @Override
    protected final String channelNames() {
      return channels().toString();
    }

    /** {@return the operation and its channels} */
    @Override
    public String toString() {
      return operationName().toLowerCase(Locale.ROOT) + " at " + channels();
    }
  }
}
