package dev.holdfast.internal.util;

import dev.holdfast.internal.util.ThreadContext.InterruptFlag;
import java.lang.ref.WeakReference;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The values of a scope that no caller gets. The scope's consumer gets each of them once.
 *
 * <p>Tasks add values on their own threads. The owner passes them to the consumer while the scope
 * closes, when no cancellation interrupts the consumer. The owner passes the values of tasks before
 * the resources close, because a value may need the resource it came from. It passes the result of
 * the scope afterwards, when it knows that the scope throws.
 */
public final class DiscardedValues {

  /** The value of a fork. Either a caller takes it first, or the scope discards it. */
  public static final class Unjoined {

    private static final int TAKEN = 1;
    private static final int DISCARDED = 2;

    private final AtomicInteger state = new AtomicInteger();
    private @Nullable Object value;
    private volatile @Nullable WeakReference<Object> handle;

    /** Sets the only object with which a caller can take the value. */
    public void setHandle(Object handle) {
      this.handle = new WeakReference<>(handle);
    }

    /** {@return false if it was discarded} */
    public boolean take() {
      return state.compareAndSet(0, TAKEN) || state.get() == TAKEN;
    }

    private boolean isTaken() {
      return state.get() == TAKEN;
    }

    private boolean isLost() {
      WeakReference<Object> known = handle;
      return known != null && known.refersTo(null);
    }

    private @Nullable Object discard() {
      return state.compareAndSet(0, DISCARDED) ? value : null;
    }
  }

  private static final DiscardedValues NONE = new DiscardedValues(null);

  /** Null if the scope drops such values. */
  private final @Nullable Consumer<Object> consumer;

  /** Values of cancelled tasks. */
  private final Queue<Object> late = new ConcurrentLinkedQueue<>();

  /** The values of forks that no thread has joined. */
  private final Queue<Unjoined> unjoined = new ConcurrentLinkedQueue<>();

  private final AtomicInteger compactAt = new AtomicInteger(64);
  private final AtomicInteger added = new AtomicInteger();

  /** Set by the owner before the scope ends. */
  private Supplier<? extends Collection<?>> result = List::of;

  private DiscardedValues(@Nullable Consumer<Object> consumer) {
    this.consumer = consumer;
  }

  /** {@return the discarded values of a scope; all are dropped if there is no consumer} */
  public static DiscardedValues of(@Nullable Consumer<Object> consumer) {
    return consumer == null ? NONE : new DiscardedValues(consumer);
  }

  public boolean hasConsumer() {
    return consumer != null;
  }

  /** Adds a value that no caller can get. */
  public void add(@Nullable Object value) {
    if (consumer != null && value != null) {
      late.add(value);
    }
  }

  /** Adds the value of a fork, which is discarded unless a thread joins the fork. */
  public void addUnjoined(Unjoined fork, Object value) {
    fork.value = value;
    unjoined.add(fork);
    added.incrementAndGet();
  }

  /**
   * Discards the values of forks that no thread can join, because their handles are garbage. A
   * scope may live long and have many forks, so this checks them only after many additions.
   */
  public void discardLost() {
    if (added.get() < compactAt.get()) {
      return;
    }
    unjoined.removeIf(fork -> {
      if (!fork.isTaken() && fork.isLost()) {
        discardNow(fork.discard());
        Thread.interrupted(); // clears a flag that the consumer has left
        return true;
      }
      return fork.isTaken();
    });
    int left = unjoined.size();
    added.set(left);
    compactAt.set(Math.max(64, 2 * left));
  }

  /** Sets the value of the scope, which is discarded if the scope throws. */
  public void setValue(@Nullable Object value) {
    if (consumer != null) {
      result = () -> Collections.singletonList(value);
    }
  }

  /** Sets the results of the scope, which are discarded if the scope throws. */
  public void setResult(Supplier<? extends Collection<?>> result) {
    if (consumer != null) {
      this.result = result;
    }
  }

  /** Passes the values of tasks to the consumer. Owner only, once all tasks have ended. */
  public void discardTasks(Consumer<Throwable> failures) {
    var flag = new InterruptFlag();
    for (Unjoined fork; (fork = unjoined.poll()) != null; ) {
      discard(fork.discard(), failures);
      flag.take();
    }
    for (Object value; (value = late.poll()) != null; ) {
      discard(value, failures);
      flag.take();
    }
    flag.restore();
  }

  /** Passes to the consumer the result of a scope that throws. */
  public void discardResult(Consumer<Throwable> failures) {
    var flag = new InterruptFlag();
    for (Object value : result.get()) {
      discard(value, failures);
      flag.take();
    }
    flag.restore();
  }

  /** Passes a value to the consumer on the current thread. */
  public void discardNow(@Nullable Object value) {
    discard(value, failure -> Throwables.report(Thread.currentThread(), failure));
  }

  private void discard(@Nullable Object value, Consumer<Throwable> failures) {
    if (consumer != null && value != null) {
      try {
        consumer.accept(value);
      } catch (Throwable t) {
        failures.accept(t);
      }
    }
  }
}
