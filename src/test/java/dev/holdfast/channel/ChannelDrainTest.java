package dev.holdfast.channel;

import static dev.holdfast.channel.ChannelFixtures.full;
import static dev.holdfast.channel.ChannelFixtures.rest;
import static dev.holdfast.channel.ChannelFixtures.subject;
import static dev.holdfast.channel.LeavesNoThread.Threads.parked;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.channel.ChannelFixtures.Subject;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.OnThread;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;

@LeavesNoThread
class ChannelDrainTest {

  /** Accepts some elements and then throws. */
  private static final class Broken extends ArrayList<Integer> {
    private static final long serialVersionUID = 1;
    private final int takes;
    private final transient Throwable bad;

    Broken(int takes, Throwable bad) {
      this.takes = takes;
      this.bad = bad;
    }

    @Override
    public boolean add(Integer element) {
      if (size() == takes) {
        if (bad instanceof Error e) {
          throw e;
        }
        throw (RuntimeException) bad;
      }
      return super.add(element);
    }

    @Override
    public boolean addAll(Collection<? extends Integer> elements) {
      elements.forEach(this::add);
      return true;
    }
  }

  private static List<Integer> upTo(int from, int to) {
    var list = new ArrayList<Integer>();
    for (int i = from; i <= to; i++) {
      list.add(i);
    }
    return list;
  }

  @Test
  void it_drains_in_order_up_to_the_maximum() {
    Subject subject = full(10);
    var into = new ArrayList<Integer>(List.of(0));
    assertEquals(0, subject.channel().drainTo(into, 0));
    assertEquals(3, subject.channel().drainTo(into, 3));
    assertEquals(upTo(0, 3), into);
    assertEquals(7, subject.channel().size());
    assertEquals(3, subject.channel().stats().received());
    assertEquals(7, subject.channel().drainTo(into, Integer.MAX_VALUE));
    assertEquals(upTo(0, 10), into);
    assertEquals(0, subject.channel().drainTo(into, 1));
    subject.addsUp();
  }

  @Test
  void draining_makes_room() {
    Subject subject = full(3);
    assertEquals(2, subject.channel().drainTo(new ArrayList<>(), 2));
    assertTrue(subject.channel().trySend(4));
    assertTrue(subject.channel().trySend(5));
    assertEquals(false, subject.channel().trySend(6));
    assertEquals(List.of(3, 4, 5), rest(subject.channel()));
  }

  @EachThreadKind
  void draining_completes_waiting_sends(ThreadFactory threads) {
    for (int max : new int[] {1, 2, 3, 4, 5, 6, 100}) {
      for (int capacity : new int[] {0, 1, 2, 5}) {
        Subject subject = full(capacity);
        var senders = new ArrayList<OnThread<Boolean>>();
        for (int i = 1; i <= 3; i++) {
          int element = capacity + i;
          senders.add(
              parked(
                  threads, subject.channel(), () -> Sending.SEND.send(subject.channel(), element)));
        }
        var into = new ArrayList<Integer>();
        int drained = subject.channel().drainTo(into, max);
        assertEquals(drained, into.size());
        assertTrue(drained >= Math.min(max, Math.max(1, capacity)), "there was more");
        assertTrue(drained <= max, "that was too much");
        int senderMovesUp = Math.min(3, drained);
        for (int i = 0; i < senderMovesUp; i++) {
          assertTrue(senders.get(i).value());
        }
        assertEquals(3 - senderMovesUp, subject.channel().stats().waitingSenders());
        into.addAll(rest(subject.channel()));
        assertEquals(upTo(1, capacity + 3), into);
        senders.forEach(sender -> assertTrue(sender.value()));
        subject.addsUp();
      }
    }
  }

  @EachThreadKind
  void draining_zero_elements_completes_no_send(ThreadFactory threads) {
    Subject subject = full(1);
    var sender = parked(threads, subject.channel(), () -> Sending.SEND.send(subject.channel(), 2));
    assertEquals(0, subject.channel().drainTo(new ArrayList<>(), 0));
    assertEquals(1, subject.channel().stats().waitingSenders());
    assertEquals(List.of(1, 2), rest(subject.channel()));
    assertTrue(sender.value());
  }

  @Test
  void elements_that_a_collection_refuses_are_undelivered() {
    for (Throwable bad : List.of(new UnsupportedOperationException(), new StackOverflowError())) {
      for (int takes = 0; takes < 4; takes++) {
        Subject subject = full(6);
        var into = new Broken(takes, bad);
        assertSame(bad, assertThrows(Throwable.class, () -> subject.channel().drainTo(into, 4)));
        assertEquals(upTo(1, takes), into);
        assertEquals(upTo(takes + 1, 4), subject.left());
        assertEquals(takes, subject.channel().stats().received());
        subject.addsUp();
        assertEquals(List.of(5, 6), rest(subject.channel()));
        subject.life().end();
        assertEquals(upTo(takes + 1, 4), subject.left());
        subject.addsUp();
      }
    }
  }

  @Test
  void draining_into_an_unmodifiable_collection_loses_no_element() {
    Subject subject = full(3);
    assertThrows(
        UnsupportedOperationException.class, () -> subject.channel().drainTo(List.of(), 2));
    assertEquals(List.of(1, 2), subject.left());
    assertEquals(List.of(3), rest(subject.channel()));
    subject.addsUp();
  }

  @EachThreadKind
  void waiting_sends_complete_even_if_the_collection_throws(ThreadFactory threads) {
    Subject subject = full(2);
    var sender = parked(threads, subject.channel(), () -> Sending.SEND.send(subject.channel(), 3));
    var bad = new IllegalStateException("bad");
    assertSame(
        bad,
        assertThrows(
            IllegalStateException.class, () -> subject.channel().drainTo(new Broken(1, bad), 2)));
    assertTrue(sender.value());
    assertEquals(List.of(2), subject.left());
    assertEquals(List.of(3), rest(subject.channel()));
    subject.addsUp();
  }

  @Test
  void the_exception_of_the_callback_is_suppressed_on_that_of_the_collection() {
    var bad = new IllegalStateException("collection");
    var worse = new AssertionError("callback");
    var left = new ArrayList<Integer>();
    ChannelSpec<Integer> spec =
        ChannelSpec.<Integer>of(3)
            .onUndelivered(element -> {
              left.add(element);
              throw worse;
            });
    Channel<Integer> channel = Channel.open(new Life(), spec);
    for (int i = 1; i <= 3; i++) {
      assertTrue(channel.trySend(i));
    }
    var thrown =
        assertThrows(IllegalStateException.class, () -> channel.drainTo(new Broken(1, bad), 3));
    assertSame(bad, thrown);
    assertTrue(Arrays.asList(thrown.getSuppressed()).contains(worse), "a failure was lost");
    assertEquals(List.of(2, 3), left);
  }

  @Test
  void a_collection_may_use_the_channel() {
    Subject subject = subject(3).holding(1, 2, 3);
    var into =
        new ArrayList<Integer>() {
          private static final long serialVersionUID = 1;

          @Override
          public boolean add(Integer element) {
            subject.channel().trySend(10 * element);
            return super.add(element);
          }

          @Override
          public boolean addAll(Collection<? extends Integer> elements) {
            elements.forEach(this::add);
            return true;
          }
        };
    assertEquals(3, subject.channel().drainTo(into, 3));
    assertEquals(List.of(1, 2, 3), into);
    assertEquals(List.of(10, 20, 30), rest(subject.channel()));
  }

  @Test
  void a_channel_drains_into_an_empty_list() {
    Subject subject = full(2);
    assertThrows(
        UnsupportedOperationException.class,
        () -> subject.channel().drainTo(Arrays.asList(0, 0), 1));
    assertEquals(List.of(1), subject.left());
    assertEquals(List.of(2), rest(subject.channel()));
  }
}
