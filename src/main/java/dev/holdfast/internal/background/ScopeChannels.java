package dev.holdfast.internal.background;

import dev.holdfast.Outcome;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.channel.Handler;
import dev.holdfast.channel.Lifetime;
import dev.holdfast.channel.Producer;
import dev.holdfast.channel.Receiver;
import dev.holdfast.internal.cancel.Access;
import dev.holdfast.internal.cancel.CancelScope;
import dev.holdfast.internal.cancel.Interrupter;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.scope.Attachment;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.util.Checks;
import dev.holdfast.internal.util.CompactingList;
import dev.holdfast.internal.util.ThreadContext.InterruptFlag;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The channels of a scope and the tasks that fill and empty them.
 *
 * <p>When the forks of a scope have ended, the scope drains its channels. First it waits for the
 * consumers of channels that belong to other scopes. Then it visits its own channels in the order
 * in which they were opened, so that the consumers of one can still send to the next. It closes
 * each channel that has no producer. If a channel has consumers, the scope then waits for them and
 * for the channel's producer. The channels of producers that still run have no receivers left. The
 * scope closes these channels, the last opened first, and each producer ends at its next send.
 */
public final class ScopeChannels extends Attachment implements Lifetime {

  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock; null once they have ended.
  private @Nullable CompactingList<Runnable> channels =
      new CompactingList<>(ScopeChannels::hasNothingToEnd);

  // Owner only.
  private final CompactingList<ChannelTask> tasks = new CompactingList<>(ChannelTask::hasEnded);

  private int started;

  private final AtomicInteger running = new AtomicInteger();

  private ScopeChannels(ScopeImpl scope) {
    super(scope);
  }

  static ScopeChannels of(ScopeImpl scope) {
    return (ScopeChannels) scope.channels(ScopeChannels::new);
  }

  /** Opens a channel in a scope. */
  public static <T> Channel<T> open(ScopeImpl scope, ChannelSpec<T> spec) {
    Access.requireInside(scope, scope.isInside());
    if (scope.isClosing()) {
      throw Access.closed(scope);
    }
    return Channel.open(of(scope), spec);
  }

  /** Starts a task that fills a new channel. Owner only. */
  public static <T> Channel<T> produce(ScopeImpl scope, ChannelSpec<T> spec, Producer<T> body) {
    Access.requireOwner(scope, "start a producer");
    ScopeChannels channels = of(scope);
    Channel<T> out = Channel.open(channels, spec);
    int number = ++channels.started;
    String name = spec.name() == null ? scope.name() + "/producer-" + number : spec.name();
    channels.start(new ChannelTask.Producing<>(scope, name, number, out, body));
    return out;
  }

  /**
   * Starts tasks that empty a channel. Owner only.
   *
   * @param onFailure called with each element whose handling has failed; null if such a failure
   *     fails the task
   */
  public static <T> void consume(
      ScopeImpl scope,
      String name,
      Receiver<? extends T> from,
      int parallelism,
      Handler<? super T, ?> handler,
      @Nullable Handler<? super Outcome.Failure<T, @Nullable Void>, ?> onFailure) {
    Checks.given(from, "from");
    Checks.atLeastOne(parallelism, "parallelism");
    Checks.given(handler, "handler");
    Access.requireOwner(scope, "start consumers");
    ScopeChannels channels = of(scope);
    for (int i = 0; i < parallelism; i++) {
      int number = ++channels.started;
      channels.start(
          new ChannelTask.Consuming<T>(
              scope, name + "-" + number, number, from, handler, onFailure));
    }
  }

  @Override
  public void onEnd(Runnable end) {
    lock.lock();
    try {
      CompactingList<Runnable> open = channels;
      if (open == null) {
        throw Access.closed(scope);
      }
      open.add(end);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void checkpoint() throws InterruptedException {
    checkpointCurrent();
  }

  /** Throws if the current thread is cancelled. */
  static void checkpointCurrent() throws InterruptedException {
    if (Interrupter.any() || Thread.currentThread().isInterrupted()) {
      CancelScope current = ThreadScope.currentScope();
      if (current != null) {
        current.checkpoint();
        current
            .threadScope()
            .noticeInterrupt(); // an interrupt from outside makes the operation throw
      }
    }
  }

  private void start(ChannelTask task) {
    scope.endUnstarted();
    tasks.add(task);
    running.incrementAndGet();
    scope.startBackground(task);
  }

  void ended() {
    running.decrementAndGet();
  }

  /** {@return how many producers and consumers have not ended} */
  @Override
  public int running() {
    return running.get();
  }

  /**
   * If each open channel has a producer, waits for the consumers and producers while workers and
   * timers still run. Otherwise returns at once: a worker or timer may feed a channel, so it has to
   * end first.
   */
  @Override
  public void awaitSelfEnding() {
    List<Runnable> own = open();
    if (own.stream().allMatch(this::endsByItself)) {
      for (Runnable end : own) {
        if (tasks.elements().stream().anyMatch(task -> task.empties(end))) {
          await(task -> task.channel() == end);
        }
      }
    }
  }

  private boolean endsByItself(Runnable end) {
    return end instanceof Channel<?> channel
        && (channel.isClosed() || tasks.elements().stream().anyMatch(task -> task.fills(channel)));
  }

  /** Waits until all producers and consumers have ended. Owner only. */
  @Override
  public void drain() {
    List<Runnable> own = open();
    await(
        task -> task instanceof ChannelTask.Consuming<?> consumer && !has(own, consumer.channel()));
    for (Runnable end : own) {
      if (scope.cancellation() == null && end instanceof Channel<?> channel) {
        boolean produced = tasks.elements().stream().anyMatch(task -> task.fills(channel));
        boolean consumed = tasks.elements().stream().anyMatch(task -> task.empties(channel));
        if (!produced) {
          channel.close();
        }
        if (consumed) {
          await(task -> task.channel() == channel);
        }
      }
    }
    for (ChannelTask task : tasks.elements().reversed()) {
      if (scope.cancellation() == null && task instanceof ChannelTask.Producing<?> producer) {
        producer.abandon();
        await(other -> other == task);
      }
    }
    scope.park(() -> running() == 0);
  }

  private static boolean has(List<Runnable> own, Object channel) {
    return own.stream().anyMatch(end -> end == channel);
  }

  /** Waits until the selected tasks have ended, or the scope is cancelled. */
  private void await(Predicate<ChannelTask> which) {
    List<ChannelTask> awaited = tasks.elements().stream().filter(which).toList();
    scope.park(
        () -> scope.cancellation() != null || awaited.stream().allMatch(CancelScope::hasEnded));
  }

  /** {@return the channels that have not ended; none while another thread holds the lock} */
  @Override
  public List<Channel<?>> channels() {
    if (!lock.tryLock()) {
      return List.of(); // a snapshot must not wait for a lock
    }
    try {
      var open = new ArrayList<Channel<?>>();
      for (Runnable end : ends()) {
        if (end instanceof Channel<?> channel) {
          open.add(channel);
        }
      }
      return open;
    } finally {
      lock.unlock();
    }
  }

  private List<Runnable> open() {
    lock.lock();
    try {
      return List.copyOf(ends());
    } finally {
      lock.unlock();
    }
  }

  /** {@return the end actions of the channels that have not run; guarded by the lock} */
  private List<Runnable> ends() {
    CompactingList<Runnable> open = channels;
    return open == null ? List.of() : open.elements();
  }

  /** {@return whether a channel is closed and empty} */
  private static boolean hasNothingToEnd(Runnable end) {
    return end instanceof Channel<?> channel && channel.isClosed() && channel.size() == 0;
  }

  /** Ends the channels and passes the remaining elements to their callbacks. */
  @Override
  public void close(Consumer<Throwable> failures) {
    List<Runnable> open;
    lock.lock();
    try {
      open = ends();
      channels = null;
    } finally {
      lock.unlock();
    }
    tasks.elements().clear();
    var flag = new InterruptFlag();
    for (Runnable end : open) {
      try {
        end.run();
      } catch (Throwable t) {
        failures.accept(t);
      }
      flag.take();
    }
    flag.restore();
  }
}
