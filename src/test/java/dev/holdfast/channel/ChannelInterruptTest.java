package dev.holdfast.channel;

import static dev.holdfast.channel.ChannelFixtures.ended;
import static dev.holdfast.channel.ChannelFixtures.full;
import static dev.holdfast.channel.ChannelFixtures.rest;
import static dev.holdfast.channel.ChannelFixtures.subject;
import static dev.holdfast.channel.LeavesNoThread.Threads.parked;
import static dev.holdfast.channel.LeavesNoThread.Threads.start;
import static dev.holdfast.channel.LeavesNoThread.Threads.waiting;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.channel.ChannelFixtures.Subject;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** An interrupted send did not happen, an interrupted receive took nothing. */
@LeavesNoThread
class ChannelInterruptTest {

  private static final int[] CAPACITIES = {0, 1, 3};

  /** Often enough for the interrupt to arrive at every moment of a wake-up. */
  private static final int ROUNDS = 20;

  private static <R> OnThread.Call<R> interrupted(OnThread.Call<R> call) {
    return () -> {
      Thread.currentThread().interrupt();
      return call.call();
    };
  }

  private static void threwInterrupted(OnThread<?> call) {
    assertInstanceOf(InterruptedException.class, call.thrown());
    assertFalse(call.flag(), "the flag is up though the exception came out");
  }

  private static void addsUpAndIsUsable(Subject subject) {
    assertEquals(0, waiting(subject.channel()));
    subject.addsUp();
    rest(subject.channel());
    assertEquals(subject.channel().capacity() > 0, subject.channel().trySend(77));
    assertEquals(
        subject.channel().capacity() > 0 ? List.of(77) : List.of(), rest(subject.channel()));
    subject.addsUp();
  }

  @EachSending
  void an_interrupted_thread_does_not_send(Sending by, ThreadFactory threads) {
    for (int capacity : CAPACITIES) {
      for (Subject subject : List.of(subject(capacity), full(capacity))) {
        long before = subject.channel().stats().sent();
        threwInterrupted(start(threads, interrupted(() -> by.send(subject.channel(), 100))));
        assertEquals(before, subject.channel().stats().sent());
        assertFalse(rest(subject.channel()).contains(100));
        addsUpAndIsUsable(subject);
      }
    }
  }

  @EachSending
  void an_interrupted_thread_does_not_send_to_a_waiting_receiver(
      Sending by, ThreadFactory threads) {
    for (int capacity : CAPACITIES) {
      Subject subject = subject(capacity);
      var receiver = parked(threads, subject.channel(), subject.channel()::receive);
      threwInterrupted(start(threads, interrupted(() -> by.send(subject.channel(), 100))));
      assertTrue(receiver.thread().isAlive());
      assertTrue(subject.channel().trySend(1));
      assertEquals(1, receiver.value());
      addsUpAndIsUsable(subject);
    }
  }

  @EachReceiving
  void an_interrupted_thread_does_not_receive(Receiving by, ThreadFactory threads) {
    for (int capacity : CAPACITIES) {
      for (Subject subject : List.of(subject(capacity), full(capacity))) {
        threwInterrupted(start(threads, interrupted(() -> by.receive(subject.channel()))));
        assertEquals(0, subject.channel().stats().received());
        addsUpAndIsUsable(subject);
      }
    }
  }

  @EachReceiving
  void an_interrupted_thread_does_not_receive_from_a_waiting_sender(
      Receiving by, ThreadFactory threads) {
    for (int capacity : CAPACITIES) {
      Subject subject = full(capacity);
      var sender =
          parked(threads, subject.channel(), () -> Sending.SEND.send(subject.channel(), 8));
      threwInterrupted(start(threads, interrupted(() -> by.receive(subject.channel()))));
      assertEquals(1, subject.channel().stats().waitingSenders());
      assertEquals(capacity + 1, rest(subject.channel()).size());
      assertTrue(sender.value());
      addsUpAndIsUsable(subject);
    }
  }

  @EachThreadKind
  void operations_with_a_zero_timeout_are_interrupted_too(ThreadFactory threads) {
    Subject subject = full(2);
    Channel<Integer> channel = subject.channel();
    Select<Integer> select =
        Select.first(channel.onReceive(element -> element), Select.orElse(() -> -1));
    threwInterrupted(start(threads, interrupted(() -> channel.receive(Duration.ZERO))));
    threwInterrupted(start(threads, interrupted(() -> channel.send(3, Duration.ZERO))));
    threwInterrupted(start(threads, interrupted(select::await)));
    assertEquals(1, channel.tryReceive());
    threwInterrupted(start(threads, interrupted(() -> channel.send(3, Duration.ofNanos(-1)))));
    assertEquals(List.of(2), rest(channel));
    threwInterrupted(start(threads, interrupted(select::await)));
    addsUpAndIsUsable(subject);
  }

  @EachThreadKind
  void operations_that_never_wait_ignore_an_interrupt(ThreadFactory threads) {
    Subject subject = subject(3);
    Channel<Integer> channel = subject.channel();
    var call =
        start(
            threads,
            interrupted(() -> {
              assertTrue(channel.trySend(1));
              assertTrue(channel.trySend(2));
              assertEquals(1, channel.tryReceive());
              assertEquals(1, channel.drainTo(new ArrayList<>(), 5));
              assertTrue(channel.trySend(3));
              channel.fail(new IllegalStateException());
              channel.close();
              subject.life().end();
              return channel.stats();
            }));
    assertEquals(new ChannelStats(0, 2, 3, 2, 1, 0, 0), call.value());
    assertEquals(List.of(3), subject.left());
    assertTrue(call.flag(), "the interrupt got lost");
  }

  @EachSending
  void a_send_interrupted_while_it_waits_has_not_happened(Sending by, ThreadFactory threads) {
    for (int capacity : CAPACITIES) {
      Subject subject = full(capacity);
      var sender = parked(threads, subject.channel(), () -> by.send(subject.channel(), 100));
      sender.interrupt();
      threwInterrupted(sender);
      assertEquals(0, waiting(subject.channel()));
      assertEquals(capacity, subject.channel().stats().sent());
      assertFalse(rest(subject.channel()).contains(100));
      addsUpAndIsUsable(subject);
    }
  }

  @EachReceiving
  void a_receive_interrupted_while_it_waits_takes_nothing(Receiving by, ThreadFactory threads) {
    for (int capacity : CAPACITIES) {
      Subject subject = subject(capacity);
      var receiver = parked(threads, subject.channel(), () -> by.receive(subject.channel()));
      receiver.interrupt();
      threwInterrupted(receiver);
      addsUpAndIsUsable(subject);
    }
  }

  /** {@return the same call, which then waits for the interrupt and reports it} */
  private static OnThread.Call<Boolean> thenAwaits(AtomicBoolean sent, OnThread.Call<?> call) {
    return () -> {
      try {
        call.call();
      } finally {
        Poll.until(sent::get);
      }
      return Thread.currentThread().isInterrupted();
    };
  }

  @EachReceiving
  void an_interrupt_after_the_element_arrived_keeps_the_element_and_the_flag(
      Receiving by, ThreadFactory threads) {
    for (int round = 0; round < ROUNDS; round++) {
      Subject subject = subject(round % 3);
      var sent = new AtomicBoolean();
      var got = new AtomicInteger();
      var receiver =
          parked(
              threads,
              subject.channel(),
              thenAwaits(
                  sent,
                  () -> {
                    got.set(by.receive(subject.channel()));
                    return got;
                  }));
      assertTrue(subject.channel().trySend(5));
      receiver.interrupt();
      sent.set(true);
      assertTrue(receiver.value(), "the interrupt got lost");
      assertEquals(5, got.get());
      addsUpAndIsUsable(subject);
    }
  }

  @EachSending
  void an_interrupt_after_the_element_was_taken_keeps_the_send_and_the_flag(
      Sending by, ThreadFactory threads) {
    for (int round = 0; round < ROUNDS; round++) {
      Subject subject = full(round % 3);
      var sent = new AtomicBoolean();
      var sender =
          parked(
              threads, subject.channel(), thenAwaits(sent, () -> by.send(subject.channel(), 100)));
      Integer first = subject.channel().tryReceive();
      sender.interrupt();
      sent.set(true);
      assertTrue(sender.value(), "the interrupt got lost");
      assertTrue(first == 100 || rest(subject.channel()).contains(100));
      addsUpAndIsUsable(subject);
    }
  }

  @EachReceiving
  void an_interrupt_after_the_end_is_reported_once(Receiving by, ThreadFactory threads) {
    for (int round = 0; round < ROUNDS; round++) {
      Subject subject = subject(0);
      var sent = new AtomicBoolean();
      var receiver =
          parked(threads, subject.channel(), thenAwaits(sent, () -> by.receive(subject.channel())));
      subject.channel().close();
      receiver.interrupt();
      sent.set(true);
      if (receiver.thrown() instanceof InterruptedException) {
        assertFalse(receiver.flag(), "the interrupt was reported twice");
      } else if (receiver.thrown() == null) {
        assertTrue(receiver.value(), "the interrupt got lost");
      } else {
        ended(null, receiver.thrown());
        assertTrue(receiver.flag(), "the interrupt got lost");
      }
      assertEquals(0, waiting(subject.channel()));
    }
  }

  @EachThreadKind
  void for_each_stops_when_its_handler_interrupts_the_thread(ThreadFactory threads) {
    Subject subject = full(3);
    var loop =
        start(
            threads,
            () -> {
              subject.channel().forEach(element -> Thread.currentThread().interrupt());
              return null;
            });
    threwInterrupted(loop);
    assertEquals(List.of(2, 3), rest(subject.channel()));
  }
}
