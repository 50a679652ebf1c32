package dev.holdfast.channel;

import static dev.holdfast.channel.ChannelFixtures.HOUR;
import static dev.holdfast.channel.ChannelFixtures.full;
import static dev.holdfast.channel.ChannelFixtures.rest;
import static dev.holdfast.channel.ChannelFixtures.subject;
import static dev.holdfast.channel.LeavesNoThread.Threads.parked;
import static dev.holdfast.channel.LeavesNoThread.Threads.start;
import static dev.holdfast.channel.LeavesNoThread.Threads.waiting;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.channel.ChannelFixtures.Subject;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.OnThread;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** A blocking operation throws what the checkpoint of the channel's owner throws. */
@LeavesNoThread
class LifetimeTest {

  private static void addsUpAndIsUsable(Subject subject) {
    assertEquals(0, waiting(subject.channel()));
    subject.addsUp();
    rest(subject.channel());
    assertEquals(subject.channel().capacity() > 0, subject.channel().trySend(77));
    assertEquals(
        subject.channel().capacity() > 0 ? List.of(77) : List.of(), rest(subject.channel()));
    subject.addsUp();
  }

  private static void isStopped(OnThread<?> call, Throwable by) {
    assertSame(by, call.thrown());
    if (by instanceof InterruptedException) {
      assertFalse(call.flag(), "the flag is up though the exception came out");
    }
  }

  private static List<Exception> stops() {
    return List.of(new InterruptedException("stop"), new IllegalStateException("stop"));
  }

  private static void stopsWith(Subject subject, Exception stop) {
    subject
        .life()
        .checksWith(() -> {
          if (stop instanceof InterruptedException e) {
            throw e;
          }
          throw (IllegalStateException) stop;
        });
  }

  @EachSending
  void a_send_calls_the_checkpoint_first(Sending by, ThreadFactory threads) {
    for (Exception stop : stops()) {
      for (Subject subject : List.of(subject(1), full(1), subject(0))) {
        long before = subject.channel().stats().sent();
        stopsWith(subject, stop);
        isStopped(start(threads, () -> by.send(subject.channel(), 100)), stop);
        assertEquals(before, subject.channel().stats().sent());
        addsUpAndIsUsable(subject);
      }
    }
  }

  @EachReceiving
  void a_receive_calls_the_checkpoint_first(Receiving by, ThreadFactory threads) {
    for (Exception stop : stops()) {
      for (Subject subject : List.of(subject(1), full(1), subject(0))) {
        stopsWith(subject, stop);
        isStopped(start(threads, () -> by.receive(subject.channel())), stop);
        assertEquals(0, subject.channel().stats().received());
        addsUpAndIsUsable(subject);
      }
    }
  }

  @EachSending
  void an_interrupted_send_throws_what_the_checkpoint_throws(Sending by, ThreadFactory threads) {
    for (Exception stop : stops()) {
      Subject subject = full(1);
      var sender = parked(threads, subject.channel(), () -> by.send(subject.channel(), 100));
      stopsWith(subject, stop);
      sender.interrupt();
      isStopped(sender, stop);
      assertEquals(1, subject.channel().stats().sent());
      addsUpAndIsUsable(subject);
    }
  }

  @EachReceiving
  void an_interrupted_receive_throws_what_the_checkpoint_throws(
      Receiving by, ThreadFactory threads) {
    for (Exception stop : stops()) {
      Subject subject = subject(1);
      var receiver = parked(threads, subject.channel(), () -> by.receive(subject.channel()));
      stopsWith(subject, stop);
      receiver.interrupt();
      isStopped(receiver, stop);
      addsUpAndIsUsable(subject);
    }
  }

  @EachThreadKind
  void for_each_calls_the_checkpoint_before_each_element(ThreadFactory threads) {
    Subject subject = full(3);
    var stop = new InterruptedException("stop");
    var loop =
        start(
            threads,
            () -> {
              subject
                  .channel()
                  .forEach(element -> {
                    if (element == 2) {
                      stopsWith(subject, stop);
                    }
                  });
              return null;
            });
    isStopped(loop, stop);
    assertEquals(List.of(3), rest(subject.channel()));
  }

  @EachThreadKind
  void only_blocking_operations_call_the_checkpoint(ThreadFactory threads) throws Exception {
    Subject subject = full(1);
    Channel<Integer> channel = subject.channel();
    var passed = new AtomicInteger();
    subject.life().checksWith(passed::incrementAndGet);
    assertFalse(channel.trySend(2));
    assertEquals(1, channel.tryReceive());
    assertEquals(0, channel.drainTo(new ArrayList<>(), 1));
    assertEquals(0, passed.get());
    assertNull(channel.receive(Duration.ZERO));
    assertEquals(1, passed.get());
    assertTrue(channel.send(1, HOUR));
    assertEquals(2, passed.get());
    assertFalse(start(threads, () -> channel.send(2, Duration.ofNanos(1))).value());
    assertEquals(3, passed.get());
  }
}
