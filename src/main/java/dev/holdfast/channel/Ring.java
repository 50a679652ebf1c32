package dev.holdfast.channel;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The elements of a channel and those who wait for it: all of a channel that never waits. */
abstract sealed class Ring<T> extends Ends implements Channel<T> permits RingChannel {

  /*
   * The idea. Elements sit in a ring; each side has a position that counts what has passed it, so
   * the size is their difference and a slot is a position modulo the ring's length. Each side has a
   * lock of one word. As long as nobody has to wait, a sender takes only the senders' lock and a
   * receiver only the receivers', and the two need not share a cache line but that of the slot.
   * Whoever has to wait, to wake, to close or to select takes both, the senders' first; under both
   * the channel is a plain data structure, and all that is difficult about it becomes sequential.
   *
   * A side's `limit` is what makes that cheap: the position up to which it may go on without a look
   * at the other side. A sender that reaches its limit reads how far the receivers have come, one
   * read for as many elements as there is room for, and the other way round. Whoever wants a side
   * to stop and look sets its limit to its position, under both locks. (The cached index is that of
   * the single-producer queues of FastForward and JCTools; here it is under a lock, so there may be
   * any number of threads, and it also carries the waiting, the closing and the counting.)
   *
   * Invariants, whenever no lock is held:
   *
   * 1. If a receiver waits, the ring is empty and the limit of the senders is their position.
   * 2. If a sender waits, the ring is full and the limit of the receivers is their position.
   * 3. If the channel is not open, the limit of the senders is their position, and only closed ones
   *    hold elements.
   * 4. No limit passes what the other side has reached: the senders' stays within capacity, ring
   *    and `peak`, so that the peak is counted exactly by those who raise it, and the receivers'
   *    within the senders' position.
   *
   * Waiting. A thread that has to wait queues a Waiter under both locks, having looked once more,
   * and parks. Its counterpart takes it off under both locks, does the operation in its stead (an
   * element goes from hand to hand, or through the ring that just got room) and tells it after the
   * locks: one park and one unpark for a blocked operation, and who wakes up is done. Nobody barges:
   * waiters are served first, in order. An interrupt or a time-out takes the waiter off under both
   * locks; if somebody was faster the operation has happened, and the interrupt stays in the flag.
   *
   * Before it queues, a thread may look around for a while (Patience), at a slow pace: every look
   * takes the other side's cache line away from it, and by the next there may be a batch. Where
   * there is next to no buffer it queues first and watches its own Waiter.
   *
   * A rendezvous, capacity 0, has no ring; it always takes the slow path, under the one lock of the
   * senders, and counts there.
   *
   * The locks are spin locks. Under them nothing is called that could wait, run user code or unmount
   * a virtual thread; only the operating system can take the processor from their owner. So who has
   * one lock spins for the next, however long, and only who has none may nap.
   */

  private static final @Nullable Object[] NO_RING = {};
  private static final int FIRST_RING = 16;

  /** What a sender is told when its element was taken. */
  static final Object SENT = new Object();

  /** In place of a waiter: nobody has to be told. */
  private static final Waiter NOBODY = new Waiter(null, null, null);

  /** In place of a waiter or an element: the channel has no more. */
  static final Waiter ENDED = new Waiter(null, null, null);

  enum State {
    OPEN,
    CLOSED,
    FAILED
  }

  final ChannelSpec<T> spec;

  // Written under both locks.
  private @Nullable Object[] ring = NO_RING;
  private volatile State state = State.OPEN;
  private @Nullable Throwable cause;
  private long undelivered;
  private long leftOver;

  /** The most it ever held; under the lock of the senders. */
  private int peak;

  Ring(ChannelSpec<T> spec) {
    super(spec.capacity);
    this.spec = spec;
  }

  /** Puts an element into the ring if that concerns the senders alone. */
  final boolean append(T element) {
    if (capacity == 0) {
      return false;
    }
    Side side = senders;
    side.lock();
    long position = side.position;
    try {
      boolean room = position < side.limit || mayAppend(position);
      if (room) {
        @Nullable Object[] slots = ring;
        slots[(int) position & (slots.length - 1)] = element;
        side.moveTo(position + 1);
      }
      side.unlock();
      return room;
    } catch (Throwable t) { // here only assignments are safe
      boolean moved = side.position != position;
      side.locked = 0;
      if (moved) {
        return true;
      }
      throw t;
    }
  }

  /** Looks at the other side; under the lock of the senders. */
  private boolean mayAppend(long position) {
    int most = Math.min(capacity, ring.length);
    long head = receivers.positionAcquire();
    int size = (int) (position - head);
    if (size >= most || receivers.hasWaiters() || state != State.OPEN) {
      return false;
    }
    if (size >= peak) {
      peak = size + 1;
    }
    senders.limit = head + Math.min(peak, most);
    return true;
  }

  /** Takes an element out of the ring if that concerns the receivers alone. */
  @SuppressWarnings("unchecked")
  final @Nullable T take() {
    if (capacity == 0) {
      return null;
    }
    Side side = receivers;
    side.lock();
    long position = side.position;
    @Nullable Object[] slots = ring;
    int slot = (int) position & (slots.length - 1);
    Object element = null;
    try {
      if (position < side.limit || mayTake(position)) {
        element = slots[slot];
        slots[slot] = null; // before the move: from then on it is the senders'
        side.moveTo(position + 1);
      }
      side.unlock();
    } catch (Throwable t) { // here only assignments are safe
      boolean moved = side.position != position;
      if (element != null && !moved) {
        slots[slot] = element;
      }
      side.locked = 0;
      if (!moved) {
        throw t;
      }
    }
    return (T) element;
  }

  /** Looks at the other side; under the lock of the receivers. */
  private boolean mayTake(long position) {
    if (senders.hasWaiters()) {
      return false;
    }
    long tail = senders.positionAcquire();
    receivers.limit = tail;
    return position < tail;
  }

  /**
   * Sends an element if it need not wait. Under both locks.
   *
   * @return what to hand to {@link #sent}, or null if there is no room
   */
  final @Nullable Waiter offer(Object element) {
    if (state != State.OPEN) {
      return ENDED;
    }
    Waiter receiver = receivers.poll();
    if (receiver != null) {
      passBy();
      return receiver;
    }
    if (size() < capacity) {
      put(element);
      return NOBODY;
    }
    return switch (spec.overflow) {
      case BLOCK -> null;
      case DROP_OLDEST -> displace(element);
      case DROP_NEWEST -> drop(element);
    };
  }

  /** Brings to an end, after the locks, what {@link #offer} has begun. */
  final boolean sent(@Nullable Waiter done, Object element) {
    if (done == ENDED) {
      throw closed();
    }
    if (done instanceof Displaced displaced) {
      spec.deliver(List.of(Objects.requireNonNull(displaced.item)));
    } else if (done != null && done != NOBODY) {
      done.complete(element);
    }
    return done != null;
  }

  /**
   * Receives an element if it need not wait. Under both locks.
   *
   * @return what to hand to {@link #received}: an element, a sender who holds it, or {@link
   *     #ENDED}; or null if there is none
   */
  final @Nullable Object poll() {
    Object oldest = size() == 0 ? null : remove();
    Waiter sender = senders.poll();
    if (sender == null) {
      return oldest == null && state != State.OPEN ? ENDED : oldest;
    }
    if (oldest == null) {
      passBy();
    } else {
      put(Objects.requireNonNull(sender.item));
      sender.item = oldest;
    }
    return sender;
  }

  /** Brings to an end, after the locks, what {@link #poll} has begun. */
  final @Nullable Object received(@Nullable Object done) {
    if (done != ENDED && done instanceof Waiter sender) {
      Object element = sender.item;
      sender.complete(SENT);
      return element;
    }
    return done;
  }

  final void queueSend(Waiter waiter) {
    senders.add(waiter);
    receivers.limit = receivers.position;
  }

  final void queueReceive(Waiter waiter) {
    receivers.add(waiter);
    senders.limit = senders.position;
  }

  /** {@return false if its operation has happened} */
  final boolean withdraw(Waiter waiter) {
    boolean removed;
    lock();
    try {
      removed = waiter.item == null ? receivers.remove(waiter) : senders.remove(waiter);
      unlock();
    } catch (Throwable t) { // here only assignments are safe
      receivers.locked = 0;
      senders.locked = 0;
      throw t;
    }
    return removed;
  }

  /** Counts an element that went from hand to hand. */
  private void passBy() {
    if (capacity > 0) {
      receivers.position++;
    }
    senders.position++;
  }

  private void put(Object element) {
    long position = senders.position;
    int size = size();
    if (size == ring.length) {
      grow(size);
    }
    @Nullable Object[] slots = ring;
    slots[(int) position & (slots.length - 1)] = element;
    if (size >= peak) {
      peak = size + 1;
    }
    senders.position = position + 1;
  }

  private void grow(int size) {
    @Nullable Object[] old = ring;
    @Nullable Object[] slots =
        new @Nullable Object[size == 0 ? Math.min(FIRST_RING, roundUp(capacity)) : 2 * size];
    long head = receivers.position;
    for (long p = head; p < head + size; p++) {
      slots[(int) p & (slots.length - 1)] = old[(int) p & (size - 1)];
    }
    ring = slots;
  }

  private static int roundUp(int capacity) {
    return capacity == 1 ? 1 : Integer.highestOneBit(capacity - 1) << 1;
  }

  private Object remove() {
    @Nullable Object[] slots = ring;
    long position = receivers.position;
    int slot = (int) position & (slots.length - 1);
    Object element = Objects.requireNonNull(slots[slot]);
    slots[slot] = null;
    receivers.position = position + 1;
    return element;
  }

  private Waiter displace(Object element) {
    if (capacity == 0) {
      return drop(element);
    }
    var oldest = new Displaced(remove());
    put(element);
    undelivered++;
    return oldest;
  }

  private Waiter drop(Object element) {
    undelivered++;
    return new Displaced(element);
  }

  /** Not a waiter, but what {@link #offer} displaced. */
  private static final class Displaced extends Waiter {
    Displaced(Object item) {
      super(null, null, item);
    }
  }

  /**
   * Ends the channel, and wakes all who wait.
   *
   * @param emptied whether what it holds is to be handed over
   */
  final void end(State to, @Nullable Throwable why, boolean emptied) {
    boolean over;
    List<Object> left = List.of();
    Waiter sending = null;
    Waiter receiving = null;
    lock();
    try {
      over = state != State.OPEN && to == State.FAILED;
      if (emptied && !over) {
        left = removeAll(); // in the same step: nobody receives from what has failed
      }
      if (state == State.OPEN) {
        cause = why;
        state = to;
        senders.limit = senders.position;
      }
      if (!over) {
        sending = senders.pollAll();
        receiving = receivers.pollAll();
      }
      unlock();
    } catch (Throwable t) { // here only assignments are safe
      receivers.locked = 0;
      senders.locked = 0;
      throw t;
    }
    completeAll(sending, null);
    completeAll(receiving, null);
    spec.deliver(left);
  }

  /** Hands over elements that were received and then not wanted. */
  final void lose(List<Object> elements) {
    int lost = elements.size();
    lock();
    try {
      undelivered += lost;
      leftOver += lost;
      unlock();
    } catch (Throwable t) { // here only assignments are safe
      receivers.locked = 0;
      senders.locked = 0;
      throw t;
    }
    spec.deliver(elements);
  }

  /** Under both locks. */
  private List<Object> removeAll() {
    int size = size();
    var left = new ArrayList<Object>(size); // first: afterwards nothing fails
    while (left.size() < size) {
      left.add(remove());
    }
    ring = NO_RING;
    undelivered += size;
    leftOver += size;
    return left;
  }

  static void completeAll(@Nullable Waiter chain, @Nullable Object item) {
    for (Waiter waiter = chain; waiter != null; ) {
      Waiter next = waiter.next;
      waiter.next = null;
      waiter.complete(item);
      waiter = next;
    }
  }

  /** {@return whether a send looks as if it need not wait; without a lock} */
  final boolean looksFree() {
    return (capacity > 0 && size() < capacity)
        || receivers.hasWaiters()
        || state != State.OPEN
        || spec.overflow != Overflow.BLOCK;
  }

  /** {@return whether a receive looks as if it need not wait; without a lock} */
  final boolean looksFilled() {
    return size() > 0 || senders.hasWaiters() || state != State.OPEN;
  }

  @Override
  public final boolean isClosed() {
    return state != State.OPEN;
  }

  @Override
  public final ChannelStats stats() {
    ChannelStats stats;
    lock();
    try {
      long refused =
          capacity == 0 || spec.overflow == Overflow.DROP_NEWEST ? undelivered - leftOver : 0;
      long passed = capacity == 0 ? senders.position : receivers.position;
      stats =
          new ChannelStats(
              size(),
              peak,
              senders.position + refused,
              passed - (undelivered - refused),
              undelivered,
              senders.waiting(),
              receivers.waiting());
      unlock();
    } catch (Throwable t) { // here only assignments are safe
      receivers.locked = 0;
      senders.locked = 0;
      throw t;
    }
    return stats;
  }

  final ChannelClosedException closed() {
    Throwable why = cause;
    return new ChannelClosedException(
        why == null
            ? label() + " is closed: it takes no more elements, and gives none once it is empty"
            : label() + " has failed: " + why,
        why);
  }

  final @Nullable Throwable cause() {
    return cause;
  }

  final String label() {
    return spec.label();
  }

  @SuppressWarnings("unchecked")
  final @Nullable T cast(@Nullable Object element) {
    return (T) element;
  }
}
