package dev.holdfast.channel;

import dev.holdfast.channel.Crew.Move;
import dev.holdfast.channel.Ledger.Form;
import dev.holdfast.testing.EachThreadKind;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadFactory;

/**
 * Rare interleavings of channel operations, provoked often.
 *
 * <p>Tests {@code ParkingQueue} as well.
 */
class ChannelStressTest {

  private static final int[] CAPACITIES = {0, 1, 2, 17};

  @EachThreadKind
  void a_close_meets_blocked_sends(ThreadFactory kind) {
    Crew.play(
        kind,
        4,
        1500,
        (crew, random) -> {
          var ledger = new Ledger(crew, Form.PLAIN);
          var channel = ledger.open(random, random.nextInt(3), Overflow.BLOCK);
          Move some = receivesSome(ledger, random.nextInt(4));
          crew.make(random, List.of(ledger.sends(3), ledger.sends(3), some, once(channel::close)));
          ledger.check();
        });
  }

  @EachThreadKind
  void a_failure_meets_blocked_sends(ThreadFactory kind) {
    Crew.play(
        kind,
        4,
        1500,
        (crew, random) -> {
          var ledger = new Ledger(crew, Form.PLAIN, Form.TIMED);
          var channel = ledger.open(random, random.nextInt(3), Overflow.BLOCK);
          Move some = receivesSome(ledger, random.nextInt(4));
          Move fail = once(() -> channel.fail(ledger.cause));
          crew.make(random, List.of(ledger.sends(3), ledger.sends(3), some, fail));
          ledger.check();
        });
  }

  @EachThreadKind
  void a_failure_meets_blocked_receives(ThreadFactory kind) {
    Crew.play(
        kind,
        4,
        1500,
        (crew, random) -> {
          var ledger = new Ledger(crew, Form.PLAIN, Form.TIMED);
          var channel = ledger.open(random, random.nextInt(3), Overflow.BLOCK);
          Move send = self -> ledger.send(self);
          Move fail = once(() -> channel.fail(ledger.cause));
          crew.make(random, List.of(ledger.receives(), ledger.receives(), send, fail));
          ledger.check();
        });
  }

  @EachThreadKind
  void an_interrupt_meets_a_hand_over_to_a_sender(ThreadFactory kind) {
    Crew.play(
        kind,
        4,
        400,
        (crew, random) -> {
          var ledger = new Ledger(crew, Form.PLAIN);
          ledger.open(random, random.nextInt(3), Overflow.BLOCK);
          Move interrupts = ledger.interrupts(crew, 2);
          crew.make(
              random, List.of(ledger.sends(12), ledger.sends(12), ledger.receives(), interrupts));
          ledger.check();
        });
  }

  @EachThreadKind
  void an_interrupt_meets_a_hand_over_to_a_receiver(ThreadFactory kind) {
    Crew.play(
        kind,
        4,
        400,
        (crew, random) -> {
          var ledger = new Ledger(crew, Form.PLAIN);
          ledger.open(random, random.nextInt(3), Overflow.BLOCK);
          Move interrupts = ledger.interrupts(crew, 2);
          crew.make(
              random, List.of(ledger.receives(), ledger.receives(), ledger.sends(24), interrupts));
          ledger.check();
        });
  }

  @EachThreadKind
  void a_timeout_races_a_hand_over(ThreadFactory kind) {
    Crew.play(
        kind,
        4,
        1000,
        (crew, random) -> {
          var ledger = new Ledger(crew, Form.TIMED);
          ledger.open(random, random.nextInt(3), Overflow.BLOCK);
          crew.make(
              random,
              List.of(ledger.sends(12), ledger.receives(), ledger.sends(12), ledger.receives()));
          ledger.check();
        });
  }

  @EachThreadKind
  void the_end_of_the_lifetime_meets_everything(ThreadFactory kind) {
    Crew.play(
        kind,
        6,
        600,
        (crew, random) -> {
          var ledger = new Ledger(crew, Form.values());
          ledger.open(random, capacity(random), anyPolicy(random));
          Move end = once(() -> ledger.end(0));
          Move interrupts = ledger.interrupts(crew, 4);
          crew.make(
              random,
              List.of(
                  ledger.sends(20),
                  ledger.receives(),
                  ledger.sends(20),
                  ledger.receives(),
                  random.nextBoolean() ? interrupts : ledger.watches(),
                  end));
          ledger.check();
        });
  }

  @EachThreadKind
  void a_ring_grows_under_traffic(ThreadFactory kind) {
    Crew.play(
        kind,
        4,
        400,
        (crew, random) -> {
          var ledger = new Ledger(crew, Form.PLAIN, Form.PLAIN, Form.TRY, Form.DRAIN);
          ledger.open(random, 17 + random.nextInt(60), Overflow.BLOCK);
          Move late =
              self -> {
                self.spin();
                ledger.receives().make(self);
              };
          crew.make(random, List.of(ledger.sends(60), ledger.sends(60), late, ledger.watches()));
          ledger.check();
        });
  }

  @EachThreadKind
  void elements_are_dropped_under_traffic(ThreadFactory kind) {
    Crew.play(
        kind,
        4,
        400,
        (crew, random) -> {
          var ledger = new Ledger(crew, Form.values());
          var policy = random.nextInt(3) == 0 ? Overflow.DROP_NEWEST : Overflow.DROP_OLDEST;
          ledger.open(random, capacity(random), policy);
          crew.make(
              random,
              List.of(ledger.sends(40), ledger.sends(40), ledger.receives(), ledger.watches()));
          ledger.check();
        });
  }

  @EachThreadKind
  void receivers_drain_what_blocked_senders_offer(ThreadFactory kind) {
    Crew.play(
        kind,
        5,
        600,
        (crew, random) -> {
          var ledger = new Ledger(crew, Form.PLAIN, Form.DRAIN);
          ledger.open(random, capacity(random), Overflow.BLOCK);
          crew.make(
              random,
              List.of(
                  ledger.sends(20),
                  ledger.sends(20),
                  ledger.sends(20),
                  ledger.receives(),
                  random.nextBoolean() ? ledger.receives() : ledger.watches()));
          ledger.check();
        });
  }

  @EachThreadKind
  void everything_meets_everything(ThreadFactory kind) {
    Crew.play(
        kind,
        7,
        300,
        (crew, random) -> {
          var ledger = new Ledger(crew, Form.values());
          var channel = ledger.open(random, capacity(random), anyPolicy(random));
          int late = random.nextInt(20_000);
          Move ends =
              self -> {
                for (int i = 0; i < late; i++) {
                  Thread.onSpinWait();
                }
                switch (self.random.nextInt(4)) {
                  case 0 -> channel.close();
                  case 1 -> channel.fail(ledger.cause);
                  case 2 -> ledger.end(0);
                  default -> {}
                }
              };
          crew.make(
              random,
              List.of(
                  ledger.sends(60),
                  ledger.receives(),
                  ledger.sends(60),
                  ledger.receives(),
                  ends,
                  ledger.interrupts(crew, 4),
                  ledger.watches()));
          ledger.check();
        });
  }

  private static int capacity(SplittableRandom random) {
    return CAPACITIES[random.nextInt(CAPACITIES.length)];
  }

  private static Overflow anyPolicy(SplittableRandom random) {
    Overflow[] all = Overflow.values();
    return random.nextBoolean() ? Overflow.BLOCK : all[random.nextInt(all.length)];
  }

  private static Move receivesSome(Ledger ledger, int few) {
    return self -> {
      for (int i = 0; i < few; i++) {
        self.spin();
        ledger.receive(self);
      }
    };
  }

  private static Move once(Runnable move) {
    return self -> {
      for (int i = self.random.nextInt(3); i >= 0; i--) {
        self.spin();
      }
      move.run();
    };
  }
}
