package dev.holdfast.channel;

import dev.holdfast.channel.Crew.Move;
import dev.holdfast.channel.Ledger.Form;
import dev.holdfast.testing.EachThreadKind;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadFactory;

/** Selects race with selects and with all other operations. */
class SelectStressTest {

  /** Each member lists the channels in its own order and sends, receives or does both. */
  @EachThreadKind
  void selects_over_the_same_channels_meet(ThreadFactory kind) {
    Crew.play(
        kind,
        4,
        500,
        (crew, random) -> {
          var ledger = new Ledger(crew, Form.SELECT);
          open(ledger, random, 2);
          crew.make(
              random,
              List.of(ledger.sends(16), ledger.receives(), ledger.sends(16), ledger.receives()));
          ledger.check();
        });
  }

  @EachThreadKind
  void selects_meet_plain_operations(ThreadFactory kind) {
    Crew.play(
        kind,
        4,
        500,
        (crew, random) -> {
          var ledger = new Ledger(crew, Form.SELECT, Form.PLAIN, Form.TIMED, Form.TRY, Form.DRAIN);
          open(ledger, random, 2 + random.nextInt(2));
          crew.make(
              random,
              List.of(ledger.sends(24), ledger.receives(), ledger.sends(24), ledger.receives()));
          ledger.check();
        });
  }

  @EachThreadKind
  void selects_meet_interrupts(ThreadFactory kind) {
    Crew.play(
        kind,
        5,
        300,
        (crew, random) -> {
          var ledger = new Ledger(crew, Form.SELECT);
          open(ledger, random, 2);
          crew.make(
              random,
              List.of(
                  ledger.sends(16),
                  ledger.receives(),
                  ledger.sends(16),
                  ledger.receives(),
                  ledger.interrupts(crew, 4)));
          ledger.check();
        });
  }

  @EachThreadKind
  void selects_meet_the_end_of_a_channel(ThreadFactory kind) {
    Crew.play(
        kind,
        5,
        600,
        (crew, random) -> {
          var ledger = new Ledger(crew, Form.SELECT, Form.SELECT, Form.PLAIN);
          open(ledger, random, 2);
          RingChannel<Ledger.Item> ended = ledger.channels.get(random.nextInt(2));
          Move ends =
              self -> {
                for (int i = self.random.nextInt(6); i >= 0; i--) {
                  self.spin();
                }
                switch (self.random.nextInt(3)) {
                  case 0 -> ended.close();
                  case 1 -> ended.fail(ledger.cause);
                  default -> ledger.end(ledger.channels.indexOf(ended));
                }
              };
          crew.make(
              random,
              List.of(
                  ledger.sends(16), ledger.receives(), ledger.sends(16), ledger.receives(), ends));
          ledger.check();
        });
  }

  private static void open(Ledger ledger, SplittableRandom random, int channels) {
    for (int i = 0; i < channels; i++) {
      ledger.open(random, random.nextInt(3), Overflow.BLOCK);
    }
  }
}
