package dev.holdfast.simulation;

import static dev.holdfast.simulation.Schedules.MS;
import static dev.holdfast.simulation.Schedules.each;
import static dev.holdfast.simulation.Schedules.failure;
import static dev.holdfast.simulation.Schedules.ms;
import static dev.holdfast.simulation.Schedules.tolerant;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Restart;
import dev.holdfast.Scope;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelClosedException;
import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.channel.Select;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Channels, selects and workers against simple models, under many schedules and faults. */
@Tag("simulation")
@Timeout(100)
class ModelsUnderSchedulesTest {

  private static final Fault[] FAULTS = {Fault.CANCEL, Fault.DELAY, Fault.TIME_OUT};

  /** What went into channels and came out. */
  private static final class Ledger {

    final List<Integer> sent = new ArrayList<>();
    final List<Integer> received = new ArrayList<>();
    final List<Integer> undelivered = new ArrayList<>();

    Channel<Integer> channel(Scope scope, int capacity) {
      return scope.channel(ChannelSpec.<Integer>of(capacity).onUndelivered(undelivered::add));
    }

    /** Law 12: an element is where its send says. */
    void check() {
      var all = new ArrayList<>(received);
      all.addAll(undelivered);
      assertEquals(new TreeSet<>(all).size(), all.size(), () -> "doubled: " + all);
      assertEquals(new TreeSet<>(sent), new TreeSet<>(all), "sent, but received or undelivered");
    }

    /** The elements of each sender come in their order. */
    void checkOrder(List<Integer> got) {
      for (int i = 0; i < got.size(); i++) {
        for (int k = i + 1; k < got.size(); k++) {
          int a = got.get(i);
          int b = got.get(k);
          assertFalse(a / 100 == b / 100 && a > b, () -> "out of order: " + got);
        }
      }
    }
  }

  private static void send(Channel<Integer> channel, int element, Ledger ledger, Random random)
      throws InterruptedException {
    boolean happened =
        switch (random.nextInt(3)) {
          case 0 -> channel.send(element, MS);
          case 1 ->
              Select.of(channel.onSend(element, () -> true), Select.timeout(ms(2), () -> false))
                  .await();
          default -> {
            channel.send(element);
            yield true;
          }
        };
    if (happened) {
      ledger.sent.add(element);
    }
  }

  @Test
  void law_12_no_element_is_lost_doubled_or_reordered() {
    each(
        2500,
        simulation -> {
          Random random = simulation.random();
          var ledger = new Ledger();
          var got = new ArrayList<List<Integer>>();
          tolerant(() ->
              Scopes.timeout(ms(20))
                  .run(scope -> {
                    Channel<Integer> channel = ledger.channel(scope, random.nextInt(3));
                    for (int s = 1; s <= 2; s++) {
                      int sender = s;
                      scope.fork(() -> {
                        for (int i = 0; i < 3; i++) {
                          send(channel, sender * 100 + i, ledger, random);
                        }
                      });
                    }
                    for (int r = 0; r < 2; r++) {
                      var mine = new ArrayList<Integer>();
                      got.add(mine);
                      scope.fork(() -> {
                        for (int i = 0; i < 3; i++) {
                          Integer element =
                              switch (random.nextInt(3)) {
                                case 0 -> channel.receive(MS);
                                case 1 -> channel.tryReceive();
                                default -> channel.receive();
                              };
                          if (element != null) {
                            ledger.received.add(element);
                            mine.add(element);
                          }
                        }
                      });
                    }
                    scope.join();
                  }));
          ledger.check();
          got.forEach(ledger::checkOrder);
        },
        FAULTS);
  }

  @Test
  void a_select_takes_exactly_one_element() {
    each(
        2000,
        simulation -> {
          Random random = simulation.random();
          var ledger = new Ledger();
          var selects = new AtomicInteger();
          tolerant(() ->
              Scopes.timeout(ms(20))
                  .run(scope -> {
                    Channel<Integer> left = ledger.channel(scope, random.nextInt(2));
                    Channel<Integer> right = ledger.channel(scope, random.nextInt(2));
                    scope.fork(() -> send(left, 100, ledger, random));
                    scope.fork(() -> send(right, 200, ledger, random));
                    scope.fork(() -> send(left, 300, ledger, random));
                    for (int r = 0; r < 2; r++) {
                      scope.fork(() -> {
                        Integer element =
                            Select.of(
                                    left.onReceive(each -> each),
                                    right.onReceive(each -> each),
                                    Select.timeout(ms(3), () -> 0))
                                .await();
                        if (element > 0) {
                          ledger.received.add(element);
                          selects.incrementAndGet();
                        }
                      });
                    }
                    scope.join();
                  }));
          assertTrue(selects.get() <= 2);
          ledger.check();
        },
        FAULTS);
  }

  @Test
  void a_closed_channel_gives_what_was_sent_and_then_ends() {
    each(
        1500,
        simulation -> {
          var ledger = new Ledger();
          var refused = new AtomicInteger();
          tolerant(() ->
              Scopes.run(scope -> {
                Channel<Integer> channel = ledger.channel(scope, simulation.random().nextInt(3));
                for (int s = 1; s <= 2; s++) {
                  int sender = s;
                  scope.fork(() -> {
                    try {
                      for (int i = 0; i < 2; i++) {
                        channel.send(sender * 100 + i);
                        ledger.sent.add(sender * 100 + i);
                      }
                    } catch (ChannelClosedException e) {
                      refused.incrementAndGet();
                    }
                  });
                }
                scope.fork(() -> {
                  Simulation.point();
                  channel.close();
                  channel.close();
                });
                channel.forEach(ledger.received::add);
                assertTrue(channel.isEnded());
                assertTrue(channel.isClosed());
                scope.join();
              }));
          ledger.check();
        },
        FAULTS);
  }

  @Test
  void a_worker_restarts_after_a_failure_and_not_after_its_stop() {
    each(
        1000,
        simulation -> {
          var starts = new AtomicInteger();
          var running = new AtomicInteger();
          tolerant(() ->
              Scopes.timeout(ms(30))
                  .run(scope -> {
                    var worker =
                        scope.worker(
                            Restart.onFailure().backoff(MS, 2, ms(4)),
                            () -> {
                              assertEquals(1, running.incrementAndGet(), "two runs at once");
                              try {
                                starts.incrementAndGet();
                                Scopes.sleep(MS);
                                throw failure();
                              } finally {
                                running.decrementAndGet();
                              }
                            });
                    Scopes.sleep(Duration.ofMillis(simulation.random().nextInt(12)));
                    worker.stop();
                    worker.join();
                    int before = starts.get();
                    Scopes.sleep(ms(15));
                    assertEquals(before, starts.get(), "restarted after its stop");
                  }));
          int before = starts.get();
          tolerant(() -> Scopes.sleep(Duration.ofSeconds(1)));
          assertEquals(before, starts.get(), "restarted after the scope");
          assertEquals(0, running.get());
        },
        FAULTS);
  }

  // ---- kernels of leaks known from other projects

  @Test
  void the_stop_action_of_a_worker_that_ends_while_it_is_asked_to_stop_has_run() {
    each(
        300,
        simulation -> {
          var acted = new AtomicInteger();
          Scopes.named("service")
              .grace(Duration.ofSeconds(1))
              .run(scope -> {
                var worker =
                    scope.worker(self -> {
                      self.onStop(acted::incrementAndGet);
                      self.ready(null);
                      while (!self.stopping()) {
                        Simulation.point();
                      }
                    });
                worker.awaitReady();
                worker.stop();
                worker.join();
                assertEquals(1, acted.get());
              });
        });
  }

  @Test
  void the_senders_end_if_the_receiver_returns_after_the_first_answer() {
    each(
        1000,
        simulation -> {
          Integer first =
              Scopes.call(scope -> {
                Channel<Integer> answers = scope.channel(0);
                for (int i = 0; i < 3; i++) {
                  int id = i;
                  scope.worker(() -> answers.send(id));
                }
                return answers.receive();
              });
          assertNotNull(first);
        });
  }

  @Test
  void the_stages_of_a_pipeline_end_if_one_of_them_fails() {
    each(
        1000,
        simulation -> {
          var ledger = new Ledger();
          tolerant(() ->
              Scopes.timeout(ms(20))
                  .run(scope -> {
                    Channel<Integer> first = ledger.channel(scope, 1);
                    Channel<Integer> second = scope.channel(0);
                    scope.fork(() -> {
                      for (int i = 0; i < 5; i++) {
                        first.send(i);
                        ledger.sent.add(i);
                      }
                      first.close();
                    });
                    scope.fork(() ->
                        first.forEach(element -> {
                          ledger.received.add(element);
                          second.send(element);
                        }));
                    second.receive();
                    if (simulation.random().nextBoolean()) {
                      throw failure();
                    }
                    scope.cancel("one is enough");
                  }));
          ledger.check();
        },
        FAULTS);
  }
}
