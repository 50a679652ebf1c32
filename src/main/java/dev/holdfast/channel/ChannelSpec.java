package dev.holdfast.channel;

import dev.holdfast.internal.util.Throwables;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a channel. A spec is immutable: every method returns a new one.
 *
 * {@snippet class="dev.holdfast.doc.ChannelPatterns" region="conflating"}
 *
 * @param <T> the type of the elements
 * @since 0.1
 */
public final class ChannelSpec<T> {

  /** The largest capacity: 2<sup>30</sup> elements. */
  public static final int MAX_CAPACITY = 1 << 30;

  /** The specs of capacity 0 to 64 with no other setting, which most channels share. */
  private static final ChannelSpec<?>[] PLAIN = new ChannelSpec<?>[65];

  static {
    Arrays.setAll(PLAIN, i -> new ChannelSpec<>(i, Overflow.BLOCK, null, null, false));
  }

  final int capacity;
  final Overflow overflow;
  final @Nullable Consumer<? super T> onUndelivered;
  final @Nullable String name;
  final boolean shared;

  private ChannelSpec(
      int capacity,
      Overflow overflow,
      @Nullable Consumer<? super T> onUndelivered,
      @Nullable String name,
      boolean shared) {
    this.capacity = capacity;
    this.overflow = overflow;
    this.onUndelivered = onUndelivered;
    this.name = name;
    this.shared = shared;
  }

  /**
   * {@return the spec of a channel whose sends wait while it is full}
   *
   * @param <T> the type of the elements
   * @param capacity how many elements it holds, exactly; with 0 every send waits for a receiver
   * @throws IllegalArgumentException if {@code capacity} is negative or more than {@link
   *     #MAX_CAPACITY}
   */
  @SuppressWarnings("unchecked") // a spec without a callback does not depend on the element type
  public static <T> ChannelSpec<T> of(int capacity) {
    if (capacity < 0 || capacity > MAX_CAPACITY) {
      throw new IllegalArgumentException(
          "capacity must be from 0, for a rendezvous, to " + MAX_CAPACITY + ", was " + capacity);
    }
    return capacity < PLAIN.length
        ? (ChannelSpec<T>) PLAIN[capacity]
        : new ChannelSpec<>(capacity, Overflow.BLOCK, null, null, false);
  }

  /**
   * {@return a spec with another overflow policy}
   *
   * @param overflow what a send does when the channel is full
   * @throws NullPointerException if {@code overflow} is {@code null}
   */
  public ChannelSpec<T> overflow(Overflow overflow) {
    return new ChannelSpec<>(
        capacity, Objects.requireNonNull(overflow, "overflow"), onUndelivered, name, shared);
  }

  /**
   * {@return a spec with a callback for every element that was sent and will not be received}
   *
   * <p>These are the elements that an {@link Overflow} policy drops, those in a channel that
   * {@linkplain Sender#fail fails}, those left when the owner of the channel ends, and those that a
   * collection did not accept from {@link Receiver#drainTo}. The thread that sends, fails, ends or
   * drains calls the callback once for each, oldest first, and holds no lock. If the callback
   * throws, it still gets the other elements. Then the calling thread throws the first exception,
   * with later ones suppressed.
   *
   * @param onUndelivered called with each such element
   * @throws NullPointerException if {@code onUndelivered} is {@code null}
   */
  public ChannelSpec<T> onUndelivered(Consumer<? super T> onUndelivered) {
    return new ChannelSpec<>(
        capacity, overflow, Objects.requireNonNull(onUndelivered, "onUndelivered"), name, shared);
  }

  /**
   * {@return a spec with a name, used in messages and reports}
   *
   * @param name the name of the channel
   * @throws IllegalArgumentException if {@code name} is blank
   * @throws NullPointerException if {@code name} is {@code null}
   */
  public ChannelSpec<T> named(String name) {
    if (Objects.requireNonNull(name, "name").isBlank()) {
      throw new IllegalArgumentException("name must not be blank");
    }
    return new ChannelSpec<>(capacity, overflow, onUndelivered, name, shared);
  }

  /**
   * {@return a spec of a channel that threads outside its scope use as well}
   *
   * <p>This changes diagnostics only. The stall detector assumes that only tasks of the scope use a
   * channel; for a shared channel it assumes that any thread may end the wait.
   */
  public ChannelSpec<T> shared() {
    return new ChannelSpec<>(capacity, overflow, onUndelivered, name, true);
  }

  /** {@return the name, or {@code null} if it has none} */
  public @Nullable String name() {
    return name;
  }

  String label() {
    return name == null ? "The channel of capacity " + capacity : "Channel '" + name + "'";
  }

  /**
   * Passes elements that will not be received to the callback. If a call of the callback leaves the
   * interrupt flag set, this method sets the flag again after the last call.
   */
  @SuppressWarnings("unchecked") // only a T was ever sent
  void deliver(List<Object> elements) {
    Consumer<? super T> callback = onUndelivered;
    if (callback == null) {
      return;
    }
    Throwable thrown = null;
    boolean flag = false;
    for (Object element : elements) {
      try {
        callback.accept((T) element);
      } catch (Throwable t) {
        if (thrown == null) {
          thrown = t;
        } else {
          Throwables.suppress(thrown, t);
        }
      }
      flag |= Thread.interrupted();
    }
    if (flag) {
      Thread.currentThread().interrupt();
    }
    if (thrown != null) {
      throw Throwables.<RuntimeException>sneaky(thrown);
    }
  }

  /** {@return the capacity, the overflow policy and the name} */
  @Override
  public String toString() {
    return "ChannelSpec[capacity "
        + capacity
        + ", "
        + overflow
        + (name == null ? "" : ", '" + name + "'")
        + "]";
  }
}
