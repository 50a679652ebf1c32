package dev.holdfast.channel;

import dev.holdfast.internal.channel.Waiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Param;

/**
 * A channel and operations on it, which Lincheck runs in threads and compares with {@link
 * Specification}. Subclasses say which, a few at a time: so they meet more often.
 *
 * <p>Lincheck runs nothing that blocks, so waiters are queued without a thread.
 *
 * <p>{@link Channel#size} is left out: it may be one too small while an element replaces another.
 * The counts of {@link Channel#stats} are of one moment, except for the peak, which may include an
 * element that is being received.
 */
@Param(name = "element", gen = IntGen.class, conf = "1:3")
@Param(name = "max", gen = IntGen.class, conf = "1:3")
public abstract class Subject {

  /** A maximum larger than any number of elements. */
  static final int ALL = 3;

  static final String CLOSED = "closed";
  static final String FAILED = "failed";

  private final RuntimeException cause = new RuntimeException("the cause");

  private final ThreadLocal<List<Integer>> lost = ThreadLocal.withInitial(ArrayList::new);
  private final RingChannel<Integer> channel;

  protected Subject() {
    Setting setting = Setting.current;
    channel =
        (RingChannel<Integer>)
            Channel.open(
                end -> {},
                ChannelSpec.<Integer>of(setting.capacity())
                    .overflow(setting.overflow())
                    .onUndelivered(element -> lost.get().add(element)));
    for (int i = 0; i < setting.capacity() && setting.worn(); i++) {
      channel.trySend(0);
    }
    channel.drainTo(new ArrayList<>(), Integer.MAX_VALUE);
    for (int i = 0; i < setting.filled(); i++) {
      channel.trySend(i);
    }
  }

  static void modelCheck(Class<? extends Subject> operations, Setting setting) {
    Setting.current = setting;
    Runs.modelCheck(operations, Specification.class);
  }

  static void stress(Class<? extends Subject> operations, Setting setting) {
    Setting.current = setting;
    Runs.stress(operations, Specification.class);
  }

  /** {@return the result, and the elements passed to the callback} */
  private String result(Callable<?> operation) throws Exception {
    lost.get().clear();
    String result;
    try {
      result = String.valueOf(operation.call());
    } catch (ChannelClosedException e) {
      result = e.getCause() == cause ? FAILED : CLOSED;
    }
    return lost.get().isEmpty() ? result : result + ", lost " + lost.get();
  }

  protected final String sends(int element) throws Exception {
    return result(() -> channel.trySend(element));
  }

  protected final String sendsWithoutTime(int element) throws Exception {
    return result(() -> channel.send(element, Duration.ZERO));
  }

  protected final String selectsSend(int element) throws Exception {
    Select<Boolean> select =
        Select.of(channel.onSend(element, () -> true), Select.orElse(() -> false));
    return result(select::await);
  }

  /** Queues a waiter if it has to wait, and leaves it queued. */
  protected final String queuesSend(int element) throws Exception {
    return result(() -> offer(element));
  }

  private boolean offer(Integer element) {
    Waiter done = RingChannel.locked(channel, RingChannel::sendOrQueue, element);
    return !done.isSend() && channel.sent(done, element);
  }

  protected final String receives() throws Exception {
    return result(channel::tryReceive);
  }

  protected final String receivesWithoutTime() throws Exception {
    return result(() -> channel.receive(Duration.ZERO));
  }

  protected final String selectsReceive() throws Exception {
    Select<String> select =
        Select.of(channel.onReceive(String::valueOf), Select.orElse(() -> "null"));
    return result(select::await);
  }

  /** Queues a waiter if it has to wait, and leaves it queued. */
  protected final String queuesReceive() throws Exception {
    return result(this::poll);
  }

  private Object poll() {
    Object done = RingChannel.locked(channel, RingChannel::receiveOrQueue, null);
    if (done instanceof RingChannel.Wait waiter && !waiter.isSend()) {
      return null;
    }
    Object received = RingChannel.received(done);
    if (received == RingChannel.ENDED) {
      throw channel.closed("");
    }
    return received;
  }

  protected final String drains(int max) throws Exception {
    return result(() -> {
      var into = new ArrayList<Integer>();
      channel.drainTo(into, max == ALL ? Integer.MAX_VALUE : max);
      return into;
    });
  }

  protected final String closes() throws Exception {
    return result(() -> {
      channel.close();
      return "";
    });
  }

  protected final String fails() throws Exception {
    return result(() -> {
      channel.fail(cause);
      return "";
    });
  }

  protected final String closesWithCause() throws Exception {
    return result(() -> {
      channel.close(cause);
      return "";
    });
  }

  protected final String cancels() throws Exception {
    return result(() -> {
      channel.cancel();
      return "";
    });
  }

  protected final boolean isOver() {
    return channel.isEnded();
  }

  protected final boolean hasEnded() {
    return channel.isClosed();
  }

  protected final String figures() {
    ChannelStats stats = channel.stats();
    return stats.size()
        + ", "
        + stats.sent()
        + ", "
        + stats.received()
        + ", "
        + stats.undelivered()
        + ", "
        + stats.waitingSenders()
        + ", "
        + stats.waitingReceivers();
  }
}
