package dev.holdfast.channel;

import static dev.holdfast.channel.ChannelFixtures.ended;
import static dev.holdfast.channel.ChannelFixtures.full;
import static dev.holdfast.channel.ChannelFixtures.rest;
import static dev.holdfast.channel.ChannelFixtures.subject;
import static dev.holdfast.channel.LeavesNoThread.Threads.waiting;
import static dev.holdfast.testing.LawFixtures.play;
import static dev.holdfast.testing.LawFixtures.spin;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.channel.ChannelFixtures.Subject;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures.Opponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

/** Two or three operations race on one channel, many times. */
@LeavesNoThread
class ChannelRaceTest {

  private static final int ROUNDS = 600;

  /** One round of the player, on the calling thread, against two others. */
  private interface Game {
    void play(SplittableRandom random, Opponent one, Opponent two) throws Exception;
  }

  private static void games(ThreadFactory player, int rounds, Game game) throws Exception {
    try (var one = new Opponent();
        var two = new Opponent()) {
      play(player, rounds, random -> game.play(random, one, two));
    }
  }

  private static <T> T any(SplittableRandom random, T[] of) {
    return of[random.nextInt(of.length)];
  }

  private static void interrupts(Opponent opponent, int after) {
    Thread player = Thread.currentThread();
    opponent.plays(after, () -> player.interrupt());
  }

  private static void isOver(Subject subject) {
    assertEquals(0, waiting(subject.channel()));
    subject.addsUp();
  }

  private static List<Integer> upTo(int last) {
    return IntStream.rangeClosed(1, last).boxed().toList();
  }

  @EachThreadKind
  void an_interrupt_races_with_the_element_for_a_receiver(ThreadFactory threads) throws Exception {
    games(
        threads,
        ROUNDS,
        (random, one, two) -> {
          Receiving by = any(random, Receiving.values());
          Subject subject = subject(random.nextInt(2));
          int pause = random.nextInt(300);
          var sent = new AtomicBoolean();
          interrupts(one, random.nextInt(300));
          two.plays(() -> {
            spin(pause);
            sent.set(subject.channel().trySend(5));
          });
          Integer got = null;
          boolean interrupted = false;
          try {
            got = by.receive(subject.channel());
          } catch (InterruptedException e) {
            interrupted = true;
          }
          one.hasPlayed();
          two.hasPlayed();
          assertTrue(interrupted != Thread.interrupted(), "the interrupt is reported once");
          List<Integer> rest = rest(subject.channel());
          assertEquals(sent.get() ? 1 : 0, rest.size() + (got == null ? 0 : 1));
          isOver(subject);
        });
  }

  @EachThreadKind
  void an_interrupt_races_with_room_for_a_sender(ThreadFactory threads) throws Exception {
    games(
        threads,
        ROUNDS,
        (random, one, two) -> {
          Sending by = any(random, Sending.values());
          Subject subject = full(random.nextInt(2));
          int pause = random.nextInt(300);
          var got = new AtomicReference<Integer>();
          interrupts(one, random.nextInt(300));
          two.plays(() -> {
            spin(pause);
            got.set(subject.channel().tryReceive());
          });
          boolean sent = false;
          try {
            sent = by.send(subject.channel(), 100);
          } catch (InterruptedException e) {
            assertTrue(!Thread.currentThread().isInterrupted());
            Thread.currentThread().interrupt();
          }
          one.hasPlayed();
          two.hasPlayed();
          assertTrue(Thread.interrupted(), "the interrupt is reported");
          List<Integer> all = rest(subject.channel());
          if (got.get() != null) {
            all.addFirst(got.get());
          }
          assertEquals(sent, all.contains(100), all::toString);
          assertEquals(subject.channel().capacity() + (sent ? 1 : 0), all.size());
          isOver(subject);
        });
  }

  @EachThreadKind
  void a_timeout_races_with_an_element(ThreadFactory threads) throws Exception {
    games(
        threads,
        ROUNDS,
        (random, one, two) -> {
          Subject subject = subject(random.nextInt(2));
          Channel<Integer> channel = subject.channel();
          int pause = random.nextInt(400);
          var sent = new AtomicBoolean();
          one.plays(() -> {
            spin(pause);
            sent.set(channel.trySend(5));
          });
          Duration time = Duration.ofNanos(random.nextInt(60_000));
          Integer got =
              random.nextBoolean()
                  ? channel.receive(time)
                  : Select.of(channel.onReceive(e -> e), Select.timeout(time, () -> null)).await();
          one.hasPlayed();
          assertEquals(sent.get() ? 1 : 0, rest(channel).size() + (got == null ? 0 : 1));
          isOver(subject);
        });
  }

  @EachThreadKind
  void a_timeout_races_with_room(ThreadFactory threads) throws Exception {
    games(
        threads,
        ROUNDS,
        (random, one, two) -> {
          Subject subject = full(random.nextInt(2));
          Channel<Integer> channel = subject.channel();
          int pause = random.nextInt(400);
          var got = new AtomicReference<Integer>();
          one.plays(() -> {
            spin(pause);
            got.set(channel.tryReceive());
          });
          Duration time = Duration.ofNanos(random.nextInt(60_000));
          boolean sent =
              random.nextBoolean()
                  ? channel.send(100, time)
                  : Select.of(channel.onSend(100, () -> true), Select.timeout(time, () -> false))
                      .await();
          one.hasPlayed();
          List<Integer> all = rest(channel);
          if (got.get() != null) {
            all.addFirst(got.get());
          }
          assertEquals(sent, all.contains(100), all::toString);
          isOver(subject);
        });
  }

  /** The ways to end a channel during a send and a receive. */
  private enum End {
    CLOSE,
    FAIL,
    LIFE;

    void of(Subject subject) {
      switch (this) {
        case CLOSE -> subject.channel().close();
        case FAIL -> subject.fail();
        case LIFE -> subject.life().end();
      }
    }
  }

  @EachThreadKind
  void the_end_races_with_a_send_and_a_receive(ThreadFactory threads) throws Exception {
    games(
        threads,
        ROUNDS,
        (random, one, two) -> {
          End how = any(random, End.values());
          Sending by = any(random, Sending.values());
          Subject subject = full(random.nextInt(3));
          Channel<Integer> channel = subject.channel();
          int pause = random.nextInt(300);
          int delay = random.nextInt(300);
          List<Integer> got = new ArrayList<>();
          one.plays(() -> {
            spin(pause);
            how.of(subject);
          });
          two.plays(() -> {
            spin(delay);
            try {
              channel.forEach(got::add);
            } catch (ChannelClosedException | InterruptedException e) {
              got.add(e instanceof InterruptedException ? -1 : -2);
            }
          });
          boolean sent = false;
          try {
            sent = by.send(channel, channel.capacity() + 1);
          } catch (ChannelClosedException e) {
            ended(how == End.FAIL ? subject.cause() : null, e);
          }
          one.hasPlayed();
          two.hasPlayed();
          if (how == End.FAIL) {
            assertEquals(-2, got.removeLast());
          }
          assertTrue(how != End.CLOSE || subject.left().isEmpty());
          got.addAll(subject.left());
          assertEquals(upTo(channel.capacity() + (sent ? 1 : 0)), got);
          isOver(subject);
        });
  }

  @EachThreadKind
  void the_end_races_with_a_receive_and_a_send(ThreadFactory threads) throws Exception {
    games(
        threads,
        ROUNDS,
        (random, one, two) -> {
          End how = any(random, End.values());
          Receiving by = any(random, Receiving.values());
          Subject subject = subject(random.nextInt(2));
          Channel<Integer> channel = subject.channel();
          int pause = random.nextInt(300);
          int delay = random.nextInt(300);
          var sent = new AtomicBoolean();
          one.plays(() -> {
            spin(pause);
            how.of(subject);
          });
          two.plays(() -> {
            spin(delay);
            try {
              sent.set(channel.trySend(5));
            } catch (ChannelClosedException e) {
              sent.set(false);
            }
          });
          Integer got = null;
          try {
            got = by.receive(channel);
          } catch (ChannelClosedException e) {
            ended(how == End.FAIL ? subject.cause() : null, e);
          }
          one.hasPlayed();
          two.hasPlayed();
          int elsewhere = subject.left().size() + channel.size();
          assertEquals(sent.get() ? 1 : 0, elsewhere + (got == null ? 0 : 1));
          isOver(subject);
        });
  }

  @EachThreadKind
  void closing_failing_and_the_end_of_the_owner_race(ThreadFactory threads) throws Exception {
    games(
        threads,
        ROUNDS,
        (random, one, two) -> {
          Subject subject = full(3);
          int pause = random.nextInt(100);
          one.plays(() -> {
            spin(pause);
            subject.life().end();
          });
          two.plays(() -> {
            spin(random.nextInt(100));
            subject.channel().close();
          });
          spin(pause / 2);
          subject.fail();
          one.hasPlayed();
          two.hasPlayed();
          assertEquals(upTo(3), subject.left());
          isOver(subject);
        });
  }

  @EachThreadKind
  void three_receivers_race(ThreadFactory threads) throws Exception {
    games(
        threads,
        ROUNDS,
        (random, one, two) -> {
          Subject subject = full(20);
          Channel<Integer> channel = subject.channel();
          List<List<Integer>> taken =
              List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
          int max = random.nextInt(1, 9);
          one.plays(() -> {
            while (channel.drainTo(taken.get(0), max) > 0) {
              spin(max);
            }
          });
          two.plays(() -> {
            while (channel.drainTo(taken.get(1), 3) > 0) {
              spin(max);
            }
          });
          taken.get(2).addAll(rest(channel));
          one.hasPlayed();
          two.hasPlayed();
          for (List<Integer> each : taken) {
            assertEquals(each.stream().sorted().toList(), each);
          }
          assertEquals(upTo(20), taken.stream().flatMap(List::stream).sorted().toList());
          isOver(subject);
        });
  }

  @EachThreadKind
  void two_senders_of_more_than_the_capacity_race_with_a_receiver(ThreadFactory threads)
      throws Exception {
    games(
        threads,
        ROUNDS,
        (random, one, two) -> {
          Overflow policy = random.nextBoolean() ? Overflow.DROP_OLDEST : Overflow.DROP_NEWEST;
          Subject subject = subject(random.nextInt(4), policy);
          Channel<Integer> channel = subject.channel();
          List<Integer> got = new ArrayList<>();
          one.plays(() -> IntStream.rangeClosed(1, 15).forEach(channel::trySend));
          two.plays(() -> {
            for (int i = 0; i < 20; i++) {
              got.addAll(rest(channel));
            }
          });
          for (int i = 16; i <= 30; i++) {
            channel.send(i);
          }
          one.hasPlayed();
          two.hasPlayed();
          got.addAll(rest(channel));
          isOver(subject);
          for (int first : new int[] {1, 16}) {
            List<Integer> ofOne = got.stream().filter(e -> e >= first && e < first + 15).toList();
            assertEquals(ofOne.stream().sorted().toList(), ofOne, "their order");
          }
          got.addAll(subject.left());
          assertEquals(upTo(30), got.stream().sorted().toList());
        });
  }

  @EachThreadKind
  void a_sending_select_meets_a_receiving_one_in_opposite_order(ThreadFactory threads)
      throws Exception {
    games(
        threads,
        ROUNDS,
        (random, one, two) -> {
          Subject a = subject(0);
          Subject b = subject(0);
          Channel<Integer> ca = a.channel();
          Channel<Integer> cb = b.channel();
          boolean interrupted = random.nextBoolean();
          Select<Integer> receives =
              Select.of(cb.onReceiveOrNull(e -> e), ca.onReceiveOrNull(e -> e));
          Select<Integer> sends = Select.of(ca.onSend(1, () -> 1), cb.onSend(2, () -> 2));
          var got = new AtomicReference<Integer>();
          one.plays(() -> {
            try {
              got.set(receives.await());
            } catch (InterruptedException e) {
              got.set(-1);
            }
          });
          if (interrupted) {
            interrupts(two, random.nextInt(300));
          }
          Integer sent = null;
          try {
            sent = sends.await();
          } catch (InterruptedException e) {
            ca.close();
            cb.close();
          }
          one.hasPlayed();
          two.hasPlayed();
          assertTrue(sent == null || Thread.interrupted() == interrupted);
          assertEquals(sent, got.get());
          assertEquals(sent == null ? 0 : 1, ca.stats().sent() + cb.stats().sent());
          isOver(a);
          isOver(b);
        });
  }

  /** Each of three selects sends to the next and receives from the one before. */
  @EachThreadKind
  void three_selects_in_a_ring(ThreadFactory threads) throws Exception {
    games(
        threads,
        ROUNDS / 4,
        (random, one, two) -> {
          List<Subject> ring = List.of(subject(0), subject(0), subject(0));
          int[] sends = new int[3];
          int[] receives = new int[3];
          List<Runnable> moves = new ArrayList<>();
          for (int i = 0; i < 3; i++) {
            int self = i;
            Channel<Integer> to = ring.get(i).channel();
            Channel<Integer> from = ring.get((i + 2) % 3).channel();
            Clause<Integer> send = to.onSend(self, () -> sends[self]++);
            Clause<Integer> receive = from.onReceive(e -> receives[self] += e + 1);
            Clause<Integer> end = Select.timeout(Duration.ofMillis(1), () -> -1);
            Select<Integer> select =
                random.nextBoolean()
                    ? Select.first(send, receive, end)
                    : Select.first(receive, send, end);
            moves.add(() -> {
              try {
                select.await();
              } catch (InterruptedException e) {
                receives[self] = -100;
              }
            });
          }
          one.plays(moves.get(0));
          two.plays(moves.get(1));
          moves.get(2).run();
          one.hasPlayed();
          two.hasPlayed();
          int pairs = 0;
          for (int i = 0; i < 3; i++) {
            assertEquals(sends[i] * (i + 1), receives[(i + 1) % 3]);
            assertEquals(sends[i], ring.get(i).channel().stats().sent());
            assertTrue(sends[i] == 0 || receives[i] == 0, "one has done two things");
            pairs += sends[i];
            isOver(ring.get(i));
          }
          assertTrue(pairs <= 1);
        });
  }
}
