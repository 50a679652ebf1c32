package dev.holdfast.internal.channel;

import dev.holdfast.internal.clock.Simulator;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue with waiting senders and receivers that can be ended: the engine of a channel.
 */
public abstract sealed class TwoLockQueue extends TwoLocks permits ParkingQueue {

  /*
   * The idea. Elements are kept in a ring. Each end has a position that counts the elements that
   * have passed it, so the size is the difference of the positions and an element's slot is its
   * position modulo the length of the ring. Each end has a lock of one word. While no thread has to
   * wait, a sender takes only the senders' lock and a receiver only the receivers', and the two
   * share no cache line but that of the slot. A thread that waits, wakes another, ends the queue or
   * selects takes both locks, the senders' first. Under both locks the queue is a sequential data
   * structure, and all difficult steps run there.
   *
   * An end's `limit` makes that cheap: the position up to which it may continue without reading the
   * other end. A sender that reaches its limit reads the receivers' position: one read for as many
   * elements as there is room for. Receivers do the same with the senders' position. To make an end
   * read the other end again, a thread sets its limit to its position, under both locks. (The
   * cached index is that of the single-producer queues of FastForward and JCTools. Here it is under
   * a lock, so any number of threads may use it, and it is also used for waiting, ending and
   * counting.)
   *
   * Invariants, whenever no lock is held:
   *
   * 1. If a receiver waits, the ring is empty and the limit of the senders is their position.
   * 2. If a sender waits, the ring is full and the limit of the receivers is their position.
   * 3. If the queue is not open, the limit of the senders is their position, and only a closed
   *    queue holds elements.
   * 4. No limit exceeds the position of the other end: the senders' stays within capacity, ring and
   *    `peak`, so that the peak is exact, and the receivers' within the senders' position.
   *
   * Waiting. A thread that has to wait tries once more under both locks, queues a Waiter and parks.
   * Its counterpart removes the waiter under both locks, performs its operation (an element goes
   * directly, or through the ring that just got room) and completes it after releasing
   * them. So a blocked operation takes one park and one unpark, and the awakened thread has nothing
   * left to do. There is no barging: waiters are served first, in order. A thread that is
   * interrupted or times out removes its waiter under both locks; if the waiter was removed before,
   * the operation has happened, and the interrupt stays in the flag.
   *
   * Before it queues a waiter, a thread may poll the other end for a short time (SpinPolicy). It
   * polls rarely, because each read takes that end's cache line from the thread that works there,
   * and a batch may arrive between two reads. On a channel with a very small buffer it queues first
   * and spins on its own Waiter.
   *
   * A rendezvous, capacity 0, has no ring. Its operations always take the slow path, and are
   * counted under the senders' lock alone.
   *
   * The locks are spin locks. Code under them must not block, run user code or unmount a virtual
   * thread; only the operating system can take the processor from their owner. So a thread that
   * holds one lock spins for the next without limit, and only a thread that holds none may sleep.
   *
   * A stack may overflow anywhere, and a lock that is not released then would block the channel
   * forever. A call in a `catch` may overflow as well; an assignment cannot. So the code under the
   * locks makes its deepest call first, and the `catch` releases them by assignments: in `append`,
   * `take` and the two methods `locked`, through which everything else goes.
   *
   * LincheckTests (src/lincheck), ChannelStressTest and ChannelDeepStackTest check this.
   */

  /** The item that completes the waiter of a sender. */
  public static final Object SENT = new Object();

  /** Returned in place of a waiter: the element was taken, and nothing remains to be done. */
  public static final Waiter TAKEN = new Waiter(null, null);

  /** Returned in place of a waiter or an element: the queue has ended. */
  public static final Waiter ENDED = new Waiter(null, null);

  /** Whether a queue accepts elements, only delivers the remaining ones, or neither. */
  public enum State {
    OPEN,
    CLOSED,
    FAILED
  }

  /**
   * The counts of a queue so far.
   *
   * @param entered how many elements have passed the senders' end
   * @param left how many have passed the receivers' end, dropped ones included
   * @param undelivered how many were dropped, left over or lost
   * @param leftOver how many of them had been accepted before
   */
  protected record Counts(
      int size,
      int peak,
      long entered,
      long left,
      long undelivered,
      long leftOver,
      int waitingSenders,
      int waitingReceivers) {}

  /** The elements and waiters that were in a queue when it ended. */
  private record Rest(List<Object> elements, @Nullable Waiter senders, @Nullable Waiter receivers) {
    static final Rest NONE = new Rest(List.of(), null, null);
  }

  /** Elements that were taken in one step, and the senders that offered the last of them. */
  private record Batch(List<Object> elements, @Nullable Waiter senders) {}

  private static final @Nullable Object[] NO_RING = {};
  private static final int FIRST_RING = 16;

  // Written under both locks.
  private @Nullable Object[] ring = NO_RING;
  private volatile State state = State.OPEN;
  private @Nullable Throwable cause;
  private long undelivered;
  private long leftOver;

  /** The largest size that the queue has had. Under the senders' lock. */
  private int peak;

  TwoLockQueue(int capacity) {
    super(capacity);
  }

  // ---- one end alone

  /** {@return whether the element was put into the ring, which took the senders' lock alone} */
  public final boolean append(Object element) {
    checkpoint(senders);
    if (capacity == 0) {
      return false;
    }
    QueueEnd end = senders;
    end.lock();
    long position = end.position;
    try {
      boolean room = position < end.limit || mayAppend(position);
      if (room) {
        @Nullable Object[] slots = ring;
        slots[(int) position & (slots.length - 1)] = element;
        end.moveTo(position + 1);
      }
      end.unlock();
      return room;
    } catch (Throwable t) {
      boolean moved = end.position != position;
      end.locked = 0;
      if (moved) {
        return true;
      }
      throw t;
    }
  }

  /** Reads the position of the other end. The caller holds the senders' lock. */
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

  /** {@return an element out of the ring, under the receivers' lock alone, or null} */
  public final @Nullable Object take() {
    checkpoint(receivers);
    if (capacity == 0) {
      return null;
    }
    QueueEnd end = receivers;
    end.lock();
    long position = end.position;
    @Nullable Object[] slots = ring;
    int slot = (int) position & (slots.length - 1);
    Object element = null;
    try {
      if (position < end.limit || mayTake(position)) {
        element = slots[slot];
        slots[slot] = null; // before the move, which hands the slot to the senders
        end.moveTo(position + 1);
      }
      end.unlock();
    } catch (Throwable t) {
      boolean moved = end.position != position;
      if (element != null && !moved) {
        slots[slot] = element;
      }
      end.locked = 0;
      if (!moved) {
        throw t;
      }
    }
    return element;
  }

  /** Reads the position of the other end. The caller holds the receivers' lock. */
  private boolean mayTake(long position) {
    if (senders.hasWaiters()) {
      return false;
    }
    long tail = senders.positionAcquire();
    receivers.limit = tail;
    return position < tail;
  }

  // ---- under both locks

  /**
   * Sends an element if there is a receiver or room.
   *
   * @return the receiver to complete with it after the locks are released, {@link #TAKEN}, {@link
   *     #ENDED}, or null if it would have to wait
   */
  protected final @Nullable Waiter offer(Object element) {
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
      return TAKEN;
    }
    return null;
  }

  /**
   * Receives an element if there is one.
   *
   * @return the element, the sender that offers it, {@link #ENDED}, or null if it would have to
   *     wait; to be given to {@link #received} after the locks are released
   */
  public final @Nullable Object poll() {
    Object oldest = size() == 0 ? null : remove();
    Waiter sender = senders.poll();
    if (sender == null) {
      return oldest == null && state != State.OPEN ? ENDED : oldest;
    }
    if (oldest == null) {
      passBy();
    } else {
      put(Objects.requireNonNull(sender.item()));
      sender.exchange(oldest);
    }
    return sender;
  }

  /**
   * Completes a receive after the locks are released. {@return the element, {@link #ENDED} or null}
   */
  public static @Nullable Object received(@Nullable Object polled) {
    if (polled != ENDED && polled instanceof Waiter sender) {
      Object element = sender.item();
      sender.complete(SENT);
      return element;
    }
    return polled;
  }

  /**
   * Drops the oldest element to make room for a new one. {@return what was dropped, which may be
   * the new one}
   */
  protected final Object displace(Object element) {
    if (capacity == 0) {
      return drop(element);
    }
    Object oldest = remove();
    put(element);
    undelivered++;
    return oldest;
  }

  /** Counts an element that is dropped. {@return the element} */
  protected final Object drop(Object element) {
    undelivered++;
    return element;
  }

  public final void queueSend(Waiter waiter) {
    senders.add(waiter);
    receivers.limit = receivers.position;
  }

  public final void queueReceive(Waiter waiter) {
    receivers.add(waiter);
    senders.limit = senders.position;
  }

  final boolean remove(Waiter waiter) {
    return waiter.isSend() ? senders.remove(waiter) : receivers.remove(waiter);
  }

  /** Counts an element that passes directly to a receiver. */
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

  private Rest end(State to, @Nullable Throwable why, boolean emptied) {
    if (state != State.OPEN && to == State.FAILED) {
      return Rest.NONE;
    }
    // In one step with the state, so that no thread receives from a queue that has failed.
    List<Object> elements = emptied ? removeAll() : List.of();
    if (state == State.OPEN) {
      cause = why;
      state = to;
      senders.limit = senders.position;
    }
    return new Rest(elements, senders.pollAll(), receivers.pollAll());
  }

  private List<Object> removeAll() {
    int size = size();
    var elements = new ArrayList<Object>(size); // first: nothing fails after this
    while (elements.size() < size) {
      elements.add(remove());
    }
    ring = NO_RING;
    undelivered += size;
    leftOver += size;
    return elements;
  }

  private Batch pollUpTo(int max) {
    var elements = new ArrayList<Object>(Math.min(max, size() + senders.waiting()));
    Waiter first = null;
    Waiter last = null;
    for (Object done; elements.size() < max && (done = poll()) != null && done != ENDED; ) {
      if (done instanceof Waiter sender) {
        elements.add(Objects.requireNonNull(sender.item()));
        if (last == null) {
          first = sender;
        } else {
          last.next = sender;
        }
        last = sender;
      } else {
        elements.add(done);
      }
    }
    return new Batch(elements, first);
  }

  // ---- whole operations

  /**
   * Ends the queue and completes all waiters.
   *
   * @param why the cause of a failure, or null
   * @param emptied whether to remove the elements
   * @return the elements that were removed
   */
  protected final List<Object> endAs(State to, @Nullable Throwable why, boolean emptied) {
    Simulator.point("close", this);
    Rest rest =
        Objects.requireNonNull(locked(this, (queue, cause) -> queue.end(to, cause, emptied), why));
    completeAll(rest.senders, null);
    completeAll(rest.receivers, null);
    return rest.elements;
  }

  /** {@return up to {@code max} elements, received in one step} */
  protected final List<Object> takeUpTo(int max) {
    Simulator.point("drain", this);
    Batch batch = Objects.requireNonNull(locked(this, TwoLockQueue::pollUpTo, max));
    completeAll(batch.senders, SENT);
    return batch.elements;
  }

  /** Counts elements that were received but not delivered. */
  protected final void lost(int elements) {
    locked(
        this,
        (queue, lost) -> {
          queue.undelivered += lost;
          queue.leftOver += lost;
          return null;
        },
        elements);
  }

  /** {@return the counts, all taken at one moment} */
  protected final Counts counts() {
    return Objects.requireNonNull(locked(this, (queue, self) -> self.countsNow(), this));
  }

  private Counts countsNow() {
    return new Counts(
        size(),
        peak,
        senders.position,
        capacity == 0 ? senders.position : receivers.position,
        undelivered,
        leftOver,
        senders.waiting(),
        receivers.waiting());
  }

  private static void completeAll(@Nullable Waiter chain, @Nullable Object item) {
    for (Waiter waiter = chain; waiter != null; ) {
      Waiter next = waiter.next;
      waiter.next = null;
      waiter.complete(item);
      waiter = next;
    }
  }

  // ---- waiting

  /** {@return false if the waiter's operation has happened or is about to happen} */
  public final boolean withdraw(Waiter waiter) {
    return Boolean.TRUE.equals(locked(this, TwoLockQueue::remove, waiter));
  }

  // ---- for any thread, without a lock

  /** {@return whether a send could probably be performed without waiting} */
  public final boolean looksFree() {
    return (capacity > 0 && size() < capacity) || receivers.hasWaiters() || state != State.OPEN;
  }

  /** {@return whether a receive could probably be performed without waiting} */
  public final boolean looksFilled() {
    return size() > 0 || senders.hasWaiters() || state != State.OPEN;
  }

  /** {@return whether this queue takes no more elements} */
  public final boolean isClosed() {
    return state != State.OPEN;
  }

  /** {@return why this queue failed, or null} */
  public final @Nullable Throwable cause() {
    return cause;
  }
}
