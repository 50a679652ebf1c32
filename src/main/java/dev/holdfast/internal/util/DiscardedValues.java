package dev.holdfast.internal.util;

import dev.holdfast.internal.util.ThreadContext.InterruptFlag;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The values of a scope that no caller gets; each goes to the scope's consumer once.
 *
 * <p>Tasks add values on their own threads. The owner passes them on while the scope closes, when
 * no cancellation interrupts the consumer. Values of tasks are passed before the resources close,
 * because a value may need the resource it came from. The result of the scope is passed after that,
 * when it is known that the scope throws.
 */
public final class DiscardedValues {

  private static final DiscardedValues NONE = new DiscardedValues(null);

  /** Null if the scope drops such values. */
  private final @Nullable Consumer<Object> consumer;

  /** Values of cancelled tasks. */
  private final Queue<Object> late = new ConcurrentLinkedQueue<>();

  /** Supply the values of forks, or null once a thread has joined the fork. */
  private final Queue<Supplier<? extends @Nullable Object>> unjoined =
      new ConcurrentLinkedQueue<>();

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

  /** Adds a value that no caller can get any more. */
  public void add(@Nullable Object value) {
    if (consumer != null && value != null) {
      late.add(value);
    }
  }

  /**
   * Adds the value of a fork, which is discarded unless a thread joins the fork.
   *
   * @param value supplies the value, or null once a thread has joined
   */
  public void addUnjoined(Supplier<? extends @Nullable Object> value) {
    unjoined.add(value);
    int limit = compactAt.get();
    if (added.incrementAndGet() >= limit) {
      unjoined.removeIf(
          other -> other.get() == null); // a scope that lives for long may have had many forks
      int left = unjoined.size();
      added.set(left);
      compactAt.set(Math.max(64, 2 * left));
    }
  }

  /** Sets the result of the scope, which is discarded if the scope throws. */
  public void setResult(Supplier<? extends Collection<?>> result) {
    if (consumer != null) {
      this.result = result;
    }
  }

  /** Passes the values of tasks to the consumer. Owner only, once all tasks have ended. */
  public void discardTasks(Consumer<Throwable> failures) {
    var flag = new InterruptFlag();
    for (Supplier<? extends @Nullable Object> value; (value = unjoined.poll()) != null; ) {
      discard(value.get(), failures);
      flag.take();
    }
    for (Object value; (value = late.poll()) != null; ) {
      discard(value, failures);
      flag.take();
    }
    flag.restore();
  }

  /** Passes the result of a scope that throws to the consumer. */
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
