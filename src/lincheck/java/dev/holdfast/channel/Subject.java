package dev.holdfast.channel;

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
 * <p>Lincheck runs nothing that blocks. Who waits is therefore queued by hand, without a thread.
 *
 * <p>{@link Channel#size} is left out: it is of the moment, and may be one too few while an element
 * takes the place of another. The figures of {@link Channel#stats} are of one moment; but for the
 * peak, which may count an element that is just being received.
 */
@Param(name = "element", gen = IntGen.class, conf = "1:3")
@Param(name = "max", gen = IntGen.class, conf = "1:3")
public abstract class Subject {

  /** A maximum: as many as there are. */
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

  /** {@return what came of it, and what the callback was handed} */
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

  /** Waits if it has to, and stays there. */
  protected final String queuesSend(int element) throws Exception {
    return result(() -> offer(element, new Waiter(null, null, element)));
  }

  private boolean offer(Integer element, Waiter waiter) {
    channel.lock();
    Waiter done = channel.offer(element);
    if (done == null) {
      channel.queueSend(waiter);
    }
    channel.unlock();
    return channel.sent(done, element);
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

  /** Waits if it has to, and stays there. */
  protected final String queuesReceive() throws Exception {
    return result(() -> poll(new Waiter(null, null, null)));
  }

  private Object poll(Waiter waiter) {
    channel.lock();
    Object done = channel.poll();
    if (done == null) {
      channel.queueReceive(waiter);
    }
    channel.unlock();
    Object received = channel.received(done);
    if (received == Ring.ENDED) {
      throw channel.closed();
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
