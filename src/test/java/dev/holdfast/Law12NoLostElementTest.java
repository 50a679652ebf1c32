package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelClosedException;
import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.channel.ChannelStats;
import dev.holdfast.channel.Lifetime;
import dev.holdfast.channel.Select;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Senders, receivers and selects are interrupted all the time, and try again; no element is lost or
 * doubled, nor are two of one sender reordered.
 *
 * <p>A million elements; {@code mvn test -Dtest=Law12NoLostElementTest -Dholdfast.rounds.factor=10}
 * sends ten million.
 */
@LeavesNothing
class Law12NoLostElementTest {

  /** How many elements in a case; there are six cases. */
  private static final int ELEMENTS = LawFixtures.rounds(170_000);

  private static final int SENDERS = 4;
  private static final int RECEIVERS = 4;

  /** How many elements a sender has to send while a channel lives. */
  private static final int EACH = 4_096;

  private static final long PATIENCE_NANOS = 40_000_000_000L;

  static Stream<Arguments> cases() {
    return EachThreadKind.Kinds.all()
        .flatMap(kind -> Stream.of(0, 1, 16).map(capacity -> Arguments.of(kind, capacity)));
  }

  /** What the channels of a round belong to. */
  private static final class Life implements Lifetime {
    private final List<Runnable> ends = new ArrayList<>();

    @Override
    public void onEnd(Runnable end) {
      ends.add(end);
    }

    void end() {
      ends.forEach(Runnable::run);
    }
  }

  /** What ends the channels of a round. */
  private enum End {
    /** They are closed when everything was sent. */
    CLOSE,
    /** What they belong to ends in the middle. */
    LIFE,
    /** One fails and one is closed in the middle. */
    FAIL
  }

  /** Two channels, their senders and receivers, and what became of each element. */
  private static final class Round {

    final Life life = new Life();
    final List<Channel<Integer>> channels;
    final BitSet[] sent = new BitSet[SENDERS];
    final AtomicLongArray arrived = new AtomicLongArray(SENDERS * EACH / Long.SIZE);
    final LongAdder received = new LongAdder();
    final List<OnThread<Integer>> senders = new ArrayList<>();
    final List<OnThread<Integer>> receivers = new ArrayList<>();

    Round(int capacity, ThreadFactory threads) {
      ChannelSpec<Integer> spec = ChannelSpec.<Integer>of(capacity).onUndelivered(this::arrives);
      channels =
          List.of(Channel.open(life, spec.named("one")), Channel.open(life, spec.named("two")));
      for (int i = 0; i < SENDERS; i++) {
        int id = i;
        senders.add(OnThread.start(threads, () -> send(id)));
      }
      for (int i = 0; i < RECEIVERS; i++) {
        int id = i;
        receivers.add(OnThread.start(threads, () -> receive(id)));
      }
    }

    private void arrives(int element) {
      long bit = 1L << element;
      long before = arrived.getAndUpdate(element >>> 6, bits -> bits | bit);
      assertEquals(0, before & bit, () -> element + " is doubled");
    }

    /** {@return how often it was interrupted} */
    private int send(int id) {
      var random = new SplittableRandom(id);
      sent[id] = new BitSet(EACH);
      int interrupts = 0;
      for (int i = 0; i < EACH; ) {
        try {
          if (sends(random.nextInt(4), id * EACH + i, id)) {
            sent[id].set(i);
            i++;
          }
        } catch (InterruptedException e) {
          interrupts++;
        } catch (ChannelClosedException e) {
          break;
        }
      }
      return interrupts;
    }

    private boolean sends(int how, int element, int id) throws InterruptedException {
      Channel<Integer> mine = channels.get(id % 2);
      return switch (how) {
        case 0 -> mine.send(element, Duration.ofNanos(20_000));
        case 1 -> {
          Channel<Integer> other = channels.get(1 - id % 2);
          yield Select.of(mine.onSend(element, () -> true), other.onSend(element, () -> true))
              .await();
        }
        default -> {
          mine.send(element);
          yield true;
        }
      };
    }

    /** {@return how often it was interrupted} */
    private int receive(int id) {
      var random = new SplittableRandom(id);
      int[] last = new int[SENDERS * 2];
      Arrays.fill(last, -1);
      Channel<Integer> one = channels.get(0);
      Channel<Integer> two = channels.get(1);
      Select<Boolean> select =
          Select.of(one.onReceive(e -> takes(e, 0, last)), two.onReceive(e -> takes(e, 1, last)));
      int interrupts = 0;
      for (int ended = 0; ended < 3; ) {
        int which = (ended & 1) != 0 ? 1 : (ended & 2) != 0 ? 0 : id % 2;
        try {
          switch (ended == 0 ? random.nextInt(4) : random.nextInt(2)) {
            case 0 -> takes(channels.get(which).receive(Duration.ofNanos(20_000)), which, last);
            case 1 -> takes(channels.get(which).receive(), which, last);
            default -> select.await();
          }
        } catch (InterruptedException e) {
          interrupts++;
        } catch (ChannelClosedException e) {
          for (int i = 0; i < 2; i++) {
            Channel<Integer> channel = channels.get(i);
            ended |= channel.isClosed() && channel.size() == 0 ? 1 << i : 0;
          }
        }
      }
      return interrupts;
    }

    private boolean takes(Integer element, int channel, int[] last) {
      if (element != null) {
        arrives(element);
        received.increment();
        int way = element / EACH * 2 + channel;
        assertTrue(last[way] < element, () -> element + " has overtaken " + last[way]);
        last[way] = element;
      }
      return element != null;
    }

    private static boolean live(List<OnThread<Integer>> threads) {
      return threads.stream().anyMatch(t -> t.thread().isAlive());
    }

    /**
     * Interrupts random threads until all have ended; the channels close at some time. It calls no
     * channel, so that it notices when they hang.
     */
    void run(ThreadFactory threads, SplittableRandom random, End how) {
      long end = how == End.CLOSE ? Long.MAX_VALUE : random.nextLong(SENDERS * EACH * 3 / 4);
      OnThread<Integer> ending = null;
      long before = -1;
      long moved = System.nanoTime();
      while (live(senders) || live(receivers)) {
        List<OnThread<Integer>> side = random.nextBoolean() ? senders : receivers;
        side.get(random.nextInt(side.size())).interrupt();
        LockSupport.parkNanos(random.nextInt(40_000));
        long now = received.sum();
        if (ending == null && (now >= end || !live(senders))) {
          ending = OnThread.start(threads, () -> end(how));
        }
        if (now != before) {
          before = now;
          moved = System.nanoTime();
        } else if (System.nanoTime() - moved > PATIENCE_NANOS) {
          throw hangs();
        }
      }
      if (ending != null) {
        assertEquals(1, ending.value());
      }
    }

    private int end(End how) {
      switch (how) {
        case CLOSE -> channels.forEach(Channel::close);
        case LIFE -> life.end();
        case FAIL -> {
          channels.get(0).fail(new IllegalStateException("in the middle"));
          channels.get(1).close();
        }
      }
      return 1;
    }

    private AssertionError hangs() {
      var hung = new AssertionError("it hangs");
      Stream.concat(senders.stream(), receivers.stream())
          .filter(t -> t.thread().isAlive())
          .forEach(t -> {
            var where = new AssertionError(t.thread().toString());
            where.setStackTrace(t.thread().getStackTrace());
            hung.addSuppressed(where);
          });
      return hung;
    }

    /** {@return how many elements were sent; fails unless these have arrived, and no other} */
    int verify(End how) {
      int count = 0;
      for (int id = 0; id < SENDERS; id++) {
        long[] words = Arrays.copyOf(sent[id].toLongArray(), EACH / Long.SIZE);
        for (int word = 0; word < words.length; word++) {
          long there = arrived.get(id * words.length + word);
          int at = id * EACH + word * Long.SIZE;
          assertEquals(0, words[word] & ~there, () -> "lost, from " + at + " on");
          assertEquals(0, there & ~words[word], () -> "received but not sent, from " + at + " on");
        }
        count += sent[id].cardinality();
      }
      long taken = 0;
      for (Channel<Integer> channel : channels) {
        ChannelStats s = channel.stats();
        assertEquals(s.sent(), s.received() + s.undelivered(), s::toString);
        assertEquals(0, s.size() + s.waitingSenders() + s.waitingReceivers(), s::toString);
        assertTrue(s.peak() <= channel.capacity(), s::toString);
        assertTrue(how != End.CLOSE || s.undelivered() == 0, s::toString);
        taken += s.sent();
      }
      assertEquals(count, taken);
      return count;
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void no_element_is_lost_or_doubled(ThreadFactory threads, int capacity) {
    var random = new SplittableRandom();
    End[] ends = End.values();
    int interrupts = 0;
    for (int elements = 0, rounds = 0; elements < ELEMENTS; rounds++) {
      End how = ends[rounds % ends.length];
      var round = new Round(capacity, threads);
      round.run(threads, random, how);
      for (OnThread<Integer> thread : round.senders) {
        interrupts += thread.value();
      }
      for (OnThread<Integer> thread : round.receivers) {
        interrupts += thread.value();
      }
      elements += round.verify(how);
    }
    assertTrue(interrupts > 0, "nothing was interrupted");
  }
}
