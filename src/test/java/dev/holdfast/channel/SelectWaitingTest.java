package dev.holdfast.channel;

import static dev.holdfast.channel.ChannelFixtures.HOUR;
import static dev.holdfast.channel.ChannelFixtures.ended;
import static dev.holdfast.channel.ChannelFixtures.full;
import static dev.holdfast.channel.ChannelFixtures.open;
import static dev.holdfast.channel.ChannelFixtures.rest;
import static dev.holdfast.channel.ChannelFixtures.subject;
import static dev.holdfast.channel.LeavesNoThread.Threads.parked;
import static dev.holdfast.channel.LeavesNoThread.Threads.start;
import static dev.holdfast.channel.LeavesNoThread.Threads.waiting;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
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
import org.junit.jupiter.api.Tag;

/** Selects that wait. */
@LeavesNoThread
@Tag("one-carrier")
class SelectWaitingTest {

  /** A select over four channels, a receive and a send at each capacity, and what completes it. */
  private static final class Four {

    final Subject received = subject(0);
    final Subject receivedBuffer = subject(2);
    final Subject sent = subject(0);
    final Subject sentBuffer = full(2);
    final List<Subject> all = List.of(received, receivedBuffer, sent, sentBuffer);
    final List<Clause<String>> clauses =
        List.of(
            received.channel().onReceive(e -> "received" + e),
            receivedBuffer.channel().onReceiveOrNull(e -> "receivedBuffer" + e),
            sent.channel().onSend(7, () -> "sent"),
            sentBuffer.channel().onSend(8, () -> "sentBuffer"),
            Select.timeout(HOUR, () -> "time"));
    final List<Select<String>> selects = List.of(Select.of(clauses), Select.first(clauses));

    OnThread<String> parked(ThreadFactory threads, Select<String> select) {
      OnThread<String> parked =
          LeavesNoThread.Threads.parked(threads, sentBuffer.channel(), select::await);
      all.forEach(subject -> assertEquals(1, waiting(subject.channel())));
      return parked;
    }

    void nobodyWaits() {
      all.forEach(subject -> {
        assertEquals(0, waiting(subject.channel()), () -> subject.channel().stats().toString());
        subject.addsUp();
      });
    }

    void hasTaken(int... took) {
      for (int i = 0; i < took.length; i++) {
        assertEquals(took[i], all.get(i).channel().stats().sent());
      }
    }
  }

  @EachThreadKind
  void exactly_one_clause_is_performed(ThreadFactory threads) {
    var four = new Four();
    for (Select<String> select : four.selects) {
      var waits = four.parked(threads, select);
      assertTrue(four.received.channel().trySend(1));
      assertEquals("received1", waits.value());
      four.nobodyWaits();
      waits = four.parked(threads, select);
      assertTrue(four.receivedBuffer.channel().trySend(2));
      assertEquals("receivedBuffer2", waits.value());
      four.nobodyWaits();
      waits = four.parked(threads, select);
      assertEquals(7, four.sent.channel().tryReceive());
      assertEquals("sent", waits.value());
      four.nobodyWaits();
      waits = four.parked(threads, select);
      assertTrue(four.sentBuffer.channel().tryReceive() != null);
      assertEquals("sentBuffer", waits.value());
      four.nobodyWaits();
    }
    four.hasTaken(2, 2, 2, 4);
    assertEquals(List.of(8, 8), rest(four.sentBuffer.channel()));
  }

  @EachThreadKind
  void a_completed_select_leaves_the_elements_of_the_other_channels(ThreadFactory threads) {
    var four = new Four();
    for (Select<String> select : four.selects) {
      var waits = four.parked(threads, select);
      assertTrue(four.received.channel().trySend(1));
      // It may still be parked.
      assertFalse(four.received.channel().trySend(2), "it receives once");
      assertNull(four.sent.channel().tryReceive(), "it does not send as well");
      assertTrue(four.receivedBuffer.channel().trySend(3));
      assertEquals(3, four.receivedBuffer.channel().tryReceive());
      assertEquals("received1", waits.value());
      four.nobodyWaits();
    }
  }

  @EachThreadKind
  void an_interrupted_select_leaves_no_waiter(ThreadFactory threads) {
    var four = new Four();
    for (Select<String> select : four.selects) {
      var waits = four.parked(threads, select);
      waits.interrupt();
      assertInstanceOf(InterruptedException.class, waits.thrown());
      assertFalse(waits.flag());
      four.nobodyWaits();
    }
    four.hasTaken(0, 0, 0, 2);
    assertFalse(four.received.channel().trySend(1));
    assertNull(four.sent.channel().tryReceive());
  }

  @EachThreadKind
  void a_select_that_times_out_leaves_no_waiter(ThreadFactory threads) {
    var four = new Four();
    List<Clause<String>> clauses = new ArrayList<>(four.clauses.subList(0, 4));
    clauses.add(1, Select.timeout(Duration.ofMillis(4), () -> "time"));
    Select<String> fair = Select.of(clauses);
    for (Select<String> select : List.of(fair, Select.first(clauses), fair)) {
      long begun = System.nanoTime();
      assertEquals("time", start(threads, select::await).value());
      assertTrue(System.nanoTime() - begun >= 4_000_000, "it came back early");
      four.nobodyWaits();
    }
    four.hasTaken(0, 0, 0, 2);
  }

  @EachThreadKind
  void closing_one_channel_ends_the_wait(ThreadFactory threads) {
    for (int closed = 0; closed < 4; closed++) {
      var four = new Four();
      var waits = four.parked(threads, four.selects.get(closed % 2));
      four.all.get(closed).channel().close();
      if (closed == 1) {
        assertEquals("receivedBuffernull", waits.value());
      } else {
        ended(null, waits.thrown());
      }
      four.nobodyWaits();
      four.hasTaken(0, 0, 0, 2);
    }
  }

  @EachThreadKind
  void failing_one_channel_ends_the_wait_with_the_cause(ThreadFactory threads) {
    for (int failed = 0; failed < 4; failed++) {
      var four = new Four();
      var waits = four.parked(threads, four.selects.get(failed % 2));
      four.all.get(failed).fail();
      ended(four.all.get(failed).cause(), waits.thrown());
      four.nobodyWaits();
    }
  }

  @EachThreadKind
  void the_end_of_one_owner_ends_the_wait(ThreadFactory threads) {
    for (int gone = 0; gone < 4; gone++) {
      var four = new Four();
      var waits = four.parked(threads, four.selects.get(gone % 2));
      four.all.get(gone).life().end();
      if (gone == 1) {
        assertEquals("receivedBuffernull", waits.value());
      } else {
        ended(null, waits.thrown());
      }
      four.nobodyWaits();
    }
  }

  @EachThreadKind
  void a_select_calls_the_checkpoints_of_all_its_channels(ThreadFactory threads) {
    for (int index = 0; index < 4; index++) {
      var stop = new InterruptedException("stop");
      var four = new Four();
      Life life = four.all.get(index).life();
      var waits = four.parked(threads, four.selects.get(index % 2));
      life.checksWith(() -> {
        throw stop;
      });
      waits.interrupt();
      assertSame(stop, waits.thrown());
      assertFalse(waits.flag());
      four.nobodyWaits();
      assertTrue(four.receivedBuffer.channel().trySend(1));
      assertSame(stop, start(threads, four.selects.get(index % 2)::await).thrown());
      assertEquals(List.of(1), rest(four.receivedBuffer.channel()));
      four.nobodyWaits();
    }
  }

  @EachThreadKind
  void a_clause_whose_function_throws_has_performed_its_operation(ThreadFactory threads) {
    var bad = new IllegalStateException("bad");
    Channel<Integer> one = open(0);
    Channel<Integer> two = open(0);
    Clause<String> receive =
        one.onReceive(element -> {
          throw bad;
        });
    Clause<String> send =
        two.onSend(
            3,
            () -> {
              throw bad;
            });
    Select<String> select = Select.of(receive, send);
    var waits = parked(threads, two, select::await);
    assertTrue(one.trySend(1));
    assertSame(bad, waits.thrown());
    assertEquals(1, one.stats().received());
    assertEquals(0, waiting(two));
    waits = parked(threads, two, select::await);
    assertEquals(3, two.tryReceive());
    assertSame(bad, waits.thrown());
    assertEquals(0, waiting(one));
  }
}
