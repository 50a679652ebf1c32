package dev.holdfast.channel;

import static dev.holdfast.channel.ChannelFixtures.ended;
import static dev.holdfast.channel.ChannelFixtures.full;
import static dev.holdfast.channel.ChannelFixtures.rest;
import static dev.holdfast.channel.ChannelFixtures.subject;
import static dev.holdfast.channel.LeavesNoThread.Threads.parked;
import static dev.holdfast.channel.LeavesNoThread.Threads.start;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.holdfast.channel.ChannelFixtures.Subject;
import dev.holdfast.testing.OnThread;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Tag;

/** The end of a channel ends every wait for it. */
@LeavesNoThread
@Tag("one-carrier")
class ChannelEndTest {

  private static final int[] CAPACITIES = {0, 1, 2, 5};

  private static void nobodyWaits(Channel<?> channel) {
    assertEquals(0, channel.stats().waitingSenders());
    assertEquals(0, channel.stats().waitingReceivers());
  }

  @EachSending
  void closing_fails_all_waiting_sends(Sending by, ThreadFactory threads) {
    for (int capacity : CAPACITIES) {
      Subject subject = full(capacity);
      var senders = crowd(threads, subject, () -> by.send(subject.channel(), 100));
      subject.channel().close();
      senders.forEach(sender -> ended(null, sender.thrown()));
      nobodyWaits(subject.channel());
      assertEquals(capacity, subject.channel().stats().sent());
      assertEquals(capacity, rest(subject.channel()).size());
      assertEquals(List.of(), subject.left());
    }
  }

  @EachSending
  void failing_fails_all_waiting_sends(Sending by, ThreadFactory threads) {
    for (int capacity : CAPACITIES) {
      Subject subject = full(capacity);
      var senders = crowd(threads, subject, () -> by.send(subject.channel(), 100));
      subject.fail();
      senders.forEach(sender -> ended(subject.cause(), sender.thrown()));
      nobodyWaits(subject.channel());
      assertEquals(capacity, subject.left().size());
      assertFalse(subject.left().contains(100));
      subject.addsUp();
    }
  }

  @EachSending
  void the_end_of_the_owner_fails_all_waiting_sends(Sending by, ThreadFactory threads) {
    for (int capacity : CAPACITIES) {
      Subject subject = full(capacity);
      var senders = crowd(threads, subject, () -> by.send(subject.channel(), 100));
      start(threads, () -> end(subject)).value();
      senders.forEach(sender -> ended(null, sender.thrown()));
      nobodyWaits(subject.channel());
      assertEquals(capacity, subject.left().size());
      assertFalse(subject.left().contains(100));
      subject.addsUp();
    }
  }

  @EachReceiving
  void closing_ends_all_waiting_receives(Receiving by, ThreadFactory threads) {
    for (int capacity : CAPACITIES) {
      Subject subject = subject(capacity);
      var receivers = crowd(threads, subject, () -> by.receive(subject.channel()));
      subject.channel().close();
      receivers.forEach(by::sawTheEnd);
      nobodyWaits(subject.channel());
    }
  }

  @EachReceiving
  void failing_fails_all_waiting_receives(Receiving by, ThreadFactory threads) {
    for (int capacity : CAPACITIES) {
      Subject subject = subject(capacity);
      var receivers = crowd(threads, subject, () -> by.receive(subject.channel()));
      subject.fail();
      receivers.forEach(receiver -> ended(subject.cause(), receiver.thrown()));
      nobodyWaits(subject.channel());
    }
  }

  @EachReceiving
  void the_end_of_the_owner_ends_all_waiting_receives(Receiving by, ThreadFactory threads) {
    for (int capacity : CAPACITIES) {
      Subject subject = subject(capacity);
      var receivers = crowd(threads, subject, () -> by.receive(subject.channel()));
      start(threads, () -> end(subject)).value();
      receivers.forEach(by::sawTheEnd);
      nobodyWaits(subject.channel());
    }
  }

  private static Object end(Subject subject) {
    subject.life().end();
    return null;
  }

  private static <R> List<OnThread<R>> crowd(
      ThreadFactory threads, Subject subject, OnThread.Call<R> call) {
    var crowd = new ArrayList<OnThread<R>>();
    for (int i = 0; i < 3; i++) {
      crowd.add(parked(threads, subject.channel(), call));
    }
    return crowd;
  }
}
