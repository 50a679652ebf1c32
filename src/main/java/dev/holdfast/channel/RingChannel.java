package dev.holdfast.channel;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The channel: its operations, with their waiting, on a {@link Ring}. Running it ends it. */
final class RingChannel<T> extends Ring<T> implements Runnable {

  /** From this capacity on a thread looks for a batch before it queues. */
  private static final int BATCH = 2;

  private static final long LOOK_NANOS = 400;

  private final Lifetime owner;

  private RingChannel(Lifetime owner, ChannelSpec<T> spec) {
    super(spec);
    this.owner = owner;
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
    long nanos = Timeouts.nanos(timeout);
    begin();
    return append(element) || sendSlowly(element, nanos);
  }

  @Override
  public boolean trySend(T element) {
    requireElement(element);
    return append(element) || sendNow(element);
  }

  @Override
  public T receive() throws InterruptedException {
    begin();
    T element = take();
    return element != null ? element : orThrow(receiveSlowly(Timeouts.NONE));
  }

  @Override
  public @Nullable T receiveOrNull() throws InterruptedException {
    begin();
    T element = take();
    return element != null ? element : orNull(receiveSlowly(Timeouts.NONE));
  }

  @Override
  public @Nullable T receive(Duration timeout) throws InterruptedException {
    long nanos = Timeouts.nanos(timeout);
    begin();
    T element = take();
    if (element == null) {
      Object received = receiveSlowly(nanos);
      element = received == null ? null : orThrow(received);
    }
    return element;
  }

  @Override
  public @Nullable T tryReceive() {
    T element = take();
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

  /** The first thing in every blocking operation: who has been told to stop must not go on. */
  private void begin() throws InterruptedException {
    owner.checkpoint();
    if (Thread.currentThread().isInterrupted()) {
      throw interrupted();
    }
  }

  /** {@return what to throw at a thread whose flag is set; clears it} */
  private InterruptedException interrupted() throws InterruptedException {
    owner.checkpoint(); // before the flag is cleared: it tells whose the interrupt is
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
    if (capacity >= BATCH && look(senders, nanos) && append(element)) {
      return true;
    }
    Waiter waiter = null;
    Waiter done;
    lock();
    try {
      done = offer(element);
      if (done == null) {
        waiter = new Waiter(Thread.currentThread(), this, element);
        queueSend(waiter);
      }
      unlock();
    } catch (Throwable t) { // here only assignments are safe
      receivers.locked = 0;
      senders.locked = 0;
      throw t;
    }
    if (waiter == null) {
      return sent(done, element);
    }
    if (!await(senders, waiter, nanos)) {
      return false;
    }
    if (waiter.item == null) {
      throw closed();
    }
    return true;
  }

  private boolean sendNow(T element) {
    Waiter done;
    lock();
    try {
      done = offer(element);
      unlock();
    } catch (Throwable t) { // here only assignments are safe
      receivers.locked = 0;
      senders.locked = 0;
      throw t;
    }
    return sent(done, element);
  }

  /** {@return the element, {@link #ENDED}, or null after the time} */
  private @Nullable Object receiveSlowly(long nanos) throws InterruptedException {
    if (nanos == 0) {
      return receiveNow();
    }
    if (capacity >= BATCH && look(receivers, nanos)) {
      T element = take();
      if (element != null) {
        return element;
      }
    }
    Waiter waiter = null;
    Object done;
    lock();
    try {
      done = poll();
      if (done == null) {
        waiter = new Waiter(Thread.currentThread(), this, null);
        queueReceive(waiter);
      }
      unlock();
    } catch (Throwable t) { // here only assignments are safe
      receivers.locked = 0;
      senders.locked = 0;
      throw t;
    }
    if (waiter == null) {
      return received(done);
    }
    if (!await(receivers, waiter, nanos)) {
      return null;
    }
    return waiter.item == null ? ENDED : waiter.item;
  }

  private @Nullable Object receiveNow() {
    Object done;
    lock();
    try {
      done = poll();
      unlock();
    } catch (Throwable t) { // here only assignments are safe
      receivers.locked = 0;
      senders.locked = 0;
      throw t;
    }
    return received(done);
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

  /** Looks around for a while, if that has paid lately. */
  private boolean look(Side side, long nanos) {
    if (side == senders && spec.overflow != Overflow.BLOCK) {
      return false;
    }
    int patience = side.nanos();
    if (patience == 0 || patience > nanos) {
      return false;
    }
    long begun = System.nanoTime();
    for (long next = LOOK_NANOS; next <= patience; next += LOOK_NANOS) {
      while (System.nanoTime() - begun < next) {
        Thread.onSpinWait();
      }
      if (isClosed() || senders.hasWaiters() || receivers.hasWaiters()) {
        return false;
      }
      int size = size();
      if (side == senders ? size < capacity : size > 0) {
        side.learn(true);
        return true;
      }
    }
    side.learn(false);
    return false;
  }

  /** {@return whether the operation has happened or the channel ended, false after the time} */
  private boolean await(Side side, Waiter waiter, long nanos) throws InterruptedException {
    try {
      if (capacity < BATCH) {
        spin(side, waiter);
      }
      boolean limited = nanos != Timeouts.NONE;
      if (waiter.park(limited, limited ? System.nanoTime() + nanos : 0)) {
        return true;
      }
    } catch (Error e) { // parking takes a walk over the stack, on the stack
      if (withdraw(waiter)) {
        throw e;
      }
    }
    if (!withdraw(waiter)) {
      waiter.awaitDone();
      return true;
    }
    if (Thread.currentThread().isInterrupted()) {
      throw interrupted();
    }
    return false;
  }

  private static void spin(Side side, Waiter waiter) {
    int patience = side.nanos();
    if (patience > 0) {
      waiter.spin(patience);
      side.learn(waiter.isDone());
    }
  }

  @Override
  public void close() {
    end(State.CLOSED, null, false);
  }

  @Override
  public void fail(Throwable cause) {
    end(State.FAILED, Objects.requireNonNull(cause, "cause"), true);
  }

  /** Called when what it belongs to ends. */
  @Override
  public void run() {
    end(State.CLOSED, null, true);
  }

  @Override
  public int drainTo(Collection<? super T> into, int max) {
    Objects.requireNonNull(into, "into");
    if (max < 0) {
      throw new IllegalArgumentException("max must not be negative, was " + max);
    }
    List<Object> taken;
    Waiter first = null;
    lock();
    try {
      taken = new ArrayList<>(Math.min(max, size() + senders.waiting()));
      Waiter last = null;
      for (Object done; taken.size() < max && (done = poll()) != null && done != ENDED; ) {
        if (done instanceof Waiter sender) {
          taken.add(Objects.requireNonNull(sender.item));
          if (last == null) {
            first = sender;
          } else {
            last.next = sender;
          }
          last = sender;
        } else {
          taken.add(done);
        }
      }
      unlock();
    } catch (Throwable t) { // here only assignments are safe
      receivers.locked = 0;
      senders.locked = 0;
      throw t;
    }
    completeAll(first, SENT);
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
        lose(taken.subList(added, taken.size()));
      } catch (Throwable t) {
        ChannelSpec.suppress(thrown, t);
      }
      throw thrown;
    }
  }

  @Override
  public <R extends @Nullable Object> Clause<R> onSend(T element, Supplier<? extends R> then) {
    requireElement(element);
    return new ChannelClause.Send<>(this, element, Objects.requireNonNull(then, "then"));
  }

  @Override
  public <R extends @Nullable Object> Clause<R> onReceive(Function<? super T, ? extends R> then) {
    Objects.requireNonNull(then, "then");
    return new ChannelClause.Receive<>(this, outcome -> then.apply(orThrow(outcome)));
  }

  @Override
  @SuppressWarnings("NullAway") // it does not see that the function takes null
  public <R extends @Nullable Object> Clause<R> onReceiveOrNull(
      Function<? super @Nullable T, ? extends R> then) {
    Objects.requireNonNull(then, "then");
    return new ChannelClause.Receive<>(this, outcome -> then.apply(orNull(outcome)));
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
}
