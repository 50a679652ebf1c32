package dev.holdfast.internal.background;

import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.channel.Handler;
import dev.holdfast.channel.Lifetime;
import dev.holdfast.channel.Producer;
import dev.holdfast.channel.Receiver;
import dev.holdfast.internal.cancel.Access;
import dev.holdfast.internal.cancel.CancelScope;
import dev.holdfast.internal.cancel.Failures;
import dev.holdfast.internal.cancel.Interrupter;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.scope.Attachment;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.util.Checks;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The channels of a scope and the tasks that fill and empty them.
 *
 * <p>When the forks of a scope have ended, its channels run dry. Consumers of channels that belong
 * to others are waited for first. Then the own channels are gone through in the order in which they
 * were made, so that what comes out of one can still be sent into the next: one without a producer
 * is closed; then its consumers, and its producer if it has both, are waited for. Producers that
 * still run then have nobody to produce for: their channels are closed, the last made first, and
 * they end at their next send.
 */
public final class ScopeChannels extends Attachment implements Lifetime {

  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock; null once they have ended.
  private @Nullable List<Runnable> channels = new ArrayList<>(4);
  private int sweepAt = 64;

  // Owner only.
  private final List<ChannelTask> tasks = new ArrayList<>(0);
  private int sweepPumpsAt = 64;

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

  /** Starts a task that fills a new channel; for the owner. */
  public static <T> Channel<T> produce(ScopeImpl scope, ChannelSpec<T> spec, Producer<T> body) {
    Access.requireOwner(scope, "start a producer");
    ScopeChannels channels = of(scope);
    Channel<T> out = Channel.open(channels, spec);
    int number = ++channels.started;
    String name = spec.name() == null ? scope.name() + "/producer-" + number : spec.name();
    channels.start(new ChannelTask.Producing<>(scope, name, number, out, body));
    return out;
  }

  /** Starts tasks that empty a channel; for the owner. */
  public static <T> void consume(
      ScopeImpl scope,
      String name,
      Receiver<? extends T> from,
      int parallelism,
      Handler<? super T, ?> handler) {
    Checks.given(from, "from");
    Checks.atLeastOne(parallelism, "parallelism");
    Checks.given(handler, "handler");
    Access.requireOwner(scope, "start consumers");
    ScopeChannels channels = of(scope);
    for (int i = 0; i < parallelism; i++) {
      int number = ++channels.started;
      channels.start(
          new ChannelTask.Consuming<T>(scope, name + "-" + number, number, from, handler));
    }
  }

  @Override
  public void onEnd(Runnable end) {
    lock.lock();
    try {
      List<Runnable> open = channels;
      if (open == null) {
        throw Access.closed(scope);
      }
      if (open.size() >= sweepAt) {
        // What is closed and empty has nothing left to end: a long scope may have had many.
        open.removeIf(other -> other instanceof Channel<?> c && c.isClosed() && c.size() == 0);
        sweepAt = Math.max(64, 2 * open.size());
      }
      open.add(end);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void checkpoint() throws InterruptedException {
    if (Interrupter.any() || Thread.currentThread().isInterrupted()) {
      CancelScope current = ThreadScope.currentScope();
      if (current != null) {
        current.checkpoint();
        current.threadScope().noticeInterrupt(); // the operation throws if it is one
      }
    }
  }

  private void start(ChannelTask task) {
    scope.endUnstarted();
    if (tasks.size() >= sweepPumpsAt) {
      tasks.removeIf(CancelScope::hasEnded);
      sweepPumpsAt = Math.max(64, 2 * tasks.size());
    }
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

  /** Waits until all producers and consumers have ended; for the owner. */
  @Override
  public void drain() {
    List<Runnable> own = open();
    await(
        task -> task instanceof ChannelTask.Consuming<?> consumer && !has(own, consumer.channel()));
    for (Runnable end : own) {
      if (scope.cancellation() == null && end instanceof Channel<?> channel) {
        boolean produced = tasks.stream().anyMatch(task -> task.fills(channel));
        boolean consumed = tasks.stream().anyMatch(task -> task.empties(channel));
        if (!produced) {
          channel.close();
        }
        if (consumed) {
          await(task -> task.channel() == channel);
        }
      }
    }
    for (ChannelTask task : tasks.reversed()) {
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

  /** Waits for some of them, or until all are cancelled. */
  private void await(Predicate<ChannelTask> which) {
    List<ChannelTask> awaited = tasks.stream().filter(which).toList();
    scope.park(
        () -> scope.cancellation() != null || awaited.stream().allMatch(CancelScope::hasEnded));
  }

  /** {@return those that have not ended; none if they are being opened just now} */
  @Override
  public List<Channel<?>> channels() {
    if (!lock.tryLock()) {
      return List.of(); // who takes a picture waits for nobody
    }
    try {
      var open = new ArrayList<Channel<?>>();
      for (Runnable end : channels == null ? List.<Runnable>of() : channels) {
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
      return channels == null ? new ArrayList<>() : new ArrayList<>(channels);
    } finally {
      lock.unlock();
    }
  }

  /** Ends the channels: what is left in them is handed over. */
  @Override
  public void close(Failures failures) {
    List<Runnable> open;
    lock.lock();
    try {
      open = channels == null ? List.of() : channels;
      channels = null;
    } finally {
      lock.unlock();
    }
    tasks.clear();
    for (Runnable end : open) {
      try {
        end.run();
      } catch (Throwable t) {
        failures.add(t);
      }
    }
  }
}
