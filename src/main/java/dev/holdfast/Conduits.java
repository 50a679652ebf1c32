package dev.holdfast;

import dev.holdfast.channel.Channel;
import dev.holdfast.channel.Lifetime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The channels of a scope and the tasks that fill and empty them.
 *
 * <p>When the forks of a scope have ended, its channels run dry in this order: those that consume
 * what others close end by themselves. Then producers that still run have nobody to produce for;
 * their channels are closed, the last made first, for that is where a pipeline ends. Then the
 * scope's other channels are closed in the order in which they were made, each when the consumers
 * of those before it have ended, so that they can still send.
 */
final class Conduits implements Lifetime {

  private final ScopeFrame scope;

  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock; null once they have ended.
  private @Nullable List<Runnable> channels = new ArrayList<>(4);
  private int sweepAt = 64;

  // Owner only.
  private final List<Pump.Producing<?>> producers = new ArrayList<>(0);
  private final List<Pump.Consuming<?>> consumers = new ArrayList<>(0);

  private int started;

  private final AtomicInteger running = new AtomicInteger();

  Conduits(ScopeFrame scope) {
    this.scope = scope;
  }

  @Override
  public void onEnd(Runnable end) {
    lock.lock();
    try {
      List<Runnable> open = channels;
      if (open == null) {
        throw scope.closed();
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
    if (Nag.any()) {
      Frame frame = Strand.currentFrame();
      if (frame != null) {
        frame.checkpoint();
      }
    }
  }

  int nextNumber() {
    return ++started;
  }

  void add(Pump pump) {
    running.incrementAndGet();
    switch (pump) {
      case Pump.Producing<?> producer -> {
        producers.removeIf(Frame::hasEnded);
        producers.add(producer);
      }
      case Pump.Consuming<?> consumer -> {
        consumers.removeIf(Frame::hasEnded);
        consumers.add(consumer);
      }
    }
  }

  void ended() {
    running.decrementAndGet();
  }

  /** {@return how many producers and consumers have not ended} */
  int running() {
    return running.get();
  }

  /** Waits until all producers and consumers have ended; for the owner. */
  void drain() {
    List<Runnable> open = open();
    open.removeIf(end -> producers.stream().anyMatch(producer -> producer.out() == end));
    awaitConsumers(consumer -> !open.contains(consumer.from()));
    for (Pump.Producing<?> producer : producers.reversed()) {
      producer.abandon();
      scope.park(producer::hasEnded);
    }
    for (Runnable end : open) {
      if (end instanceof Channel<?> channel && scope.cancellation() == null) {
        channel.close();
        awaitConsumers(consumer -> consumer.from() == channel);
      }
    }
    scope.park(() -> running() == 0);
  }

  private void awaitConsumers(Predicate<Pump.Consuming<?>> which) {
    List<Pump.Consuming<?>> awaited = consumers.stream().filter(which).toList();
    scope.park(() -> scope.cancellation() != null || awaited.stream().allMatch(Frame::hasEnded));
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
  void end(Failures failures) {
    List<Runnable> open;
    lock.lock();
    try {
      open = channels == null ? List.of() : channels;
      channels = null;
    } finally {
      lock.unlock();
    }
    producers.clear();
    consumers.clear();
    for (Runnable end : open) {
      try {
        end.run();
      } catch (Throwable t) {
        failures.add(t);
      }
    }
  }
}
