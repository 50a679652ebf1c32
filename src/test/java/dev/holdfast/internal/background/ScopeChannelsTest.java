package dev.holdfast.internal.background;

import static dev.holdfast.testing.LawFixtures.PLATFORM;
import static dev.holdfast.testing.LawFixtures.ending;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Scope;
import dev.holdfast.ScopeClosedException;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelClosedException;
import dev.holdfast.channel.Receiver;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests {@code ChannelTask} as well. */
@LeavesNothing
class ScopeChannelsTest {

  private static final List<Integer> TEN = IntStream.range(0, 10).boxed().toList();

  @EachThreadKind
  void a_pipeline_handles_everything_before_its_scope_ends(ThreadFactory threads) throws Exception {
    List<Integer> got = Collections.synchronizedList(new ArrayList<>());
    Scopes.named("pipeline")
        .threads(threads)
        .run(scope -> {
          Receiver<Integer> numbers =
              scope.produce(
                  2,
                  out -> {
                    for (int i : TEN) {
                      out.send(i);
                    }
                  });
          Receiver<Integer> doubled =
              scope.produce(0, out -> numbers.forEach(n -> out.send(2 * n)));
          Channel<Integer> last = scope.channel(1);
          scope.consume(doubled, 1, last::send);
          scope.consume(last, 3, got::add);
        });
    assertEquals(TEN.stream().map(i -> 2 * i).toList(), got.stream().sorted().toList());
  }

  @EachThreadKind
  void channels_are_closed_in_the_order_in_which_they_were_made(ThreadFactory threads)
      throws Exception {
    List<Integer> got = Collections.synchronizedList(new ArrayList<>());
    Scopes.named("order")
        .threads(threads)
        .run(scope -> {
          Channel<Integer> first = scope.channel(16);
          Channel<Integer> second = scope.channel(0);
          Channel<Integer> third = scope.channel(1);
          scope.consume(third, 1, got::add);
          scope.consume(second, 2, third::send);
          scope.consume(first, 2, second::send);
          for (int i : TEN) {
            first.send(i);
          }
        });
    assertEquals(TEN, got.stream().sorted().toList());
  }

  @EachThreadKind
  void a_producer_without_a_receiver_ends_at_its_next_send(ThreadFactory threads) throws Exception {
    var cleanedUp = new AtomicInteger();
    int first =
        Scopes.named("head")
            .threads(threads)
            .call(scope -> {
              Receiver<Integer> endless =
                  scope.produce(
                      1,
                      out -> {
                        try {
                          for (int i = 7; ; i++) {
                            out.send(i);
                          }
                        } finally {
                          cleanedUp.incrementAndGet();
                        }
                      });
              Receiver<Integer> through =
                  scope.produce(
                      1,
                      out -> {
                        try {
                          endless.forEach(out::send);
                        } finally {
                          cleanedUp.incrementAndGet();
                        }
                      });
              return through.receive();
            });
    assertEquals(7, first);
    assertEquals(2, cleanedUp.get());
  }

  @EachThreadKind
  void a_receiver_outside_the_scope_is_woken_when_the_scope_ends(ThreadFactory threads)
      throws Exception {
    var channel = new AtomicReference<Channel<Integer>>();
    var opened = new CountDownLatch(1);
    var outsider =
        OnThread.start(
            threads,
            () -> {
              opened.await();
              return channel.get().receive();
            });
    Scopes.run(scope -> {
      channel.set(scope.channel(0));
      opened.countDown();
      Poll.until(() -> channel.get().stats().waitingReceivers() == 1);
    });
    assertInstanceOf(ChannelClosedException.class, outsider.ended().thrown());
    assertThrows(ChannelClosedException.class, () -> channel.get().send(1));
    assertNull(channel.get().receiveOrNull());
  }

  @Test
  void the_join_of_a_scope_does_not_wait_for_producers_and_consumers() throws Exception {
    int got =
        Scopes.call(scope -> {
          Receiver<Integer> numbers = scope.produce(0, out -> out.send(1));
          Channel<Integer> others = scope.channel(1);
          scope.consume(others, 1, n -> {});
          scope.fork(() -> {});
          scope.join();
          return numbers.receive();
        });
    assertEquals(1, got);
  }

  @Test
  void producers_and_consumers_do_not_count_for_the_limit() throws Exception {
    Scopes.limit(1)
        .run(scope -> {
          Receiver<Integer> numbers = scope.produce(0, out -> out.send(1));
          Channel<Integer> others = scope.channel(1);
          scope.consume(others, 3, n -> {});
          assertEquals(1, scope.fork(() -> numbers.receive()).join());
        });
  }

  @Test
  void a_scope_with_many_short_channels_keeps_none_that_is_closed_and_empty() throws Exception {
    var refs = new ArrayList<java.lang.ref.WeakReference<Object>>();
    Scopes.run(scope -> {
      for (int i = 0; i < 10_000; i++) {
        Channel<Integer> channel = scope.channel(1);
        channel.close();
        refs.add(new java.lang.ref.WeakReference<>(channel));
      }
      Poll.until(() -> {
        System.gc();
        return kept(refs) <= 64;
      });
      assertTrue(kept(refs) <= 64, () -> kept(refs) + " kept");
    });
  }

  private static long kept(List<java.lang.ref.WeakReference<Object>> refs) {
    return refs.stream().filter(ref -> ref.get() != null).count();
  }

  @EachThreadKind
  void a_producer_that_reads_a_channel_of_its_scope_ends_with_it(ThreadFactory threads)
      throws Exception {
    List<Integer> got = Collections.synchronizedList(new ArrayList<>());
    Scopes.named("stage")
        .threads(threads)
        .run(scope -> {
          Channel<Integer> first = scope.channel(4);
          Receiver<Integer> second = scope.produce(4, out -> first.forEach(out::send));
          Receiver<Integer> unread = scope.produce(4, out -> second.forEach(got::add));
          assertNull(unread.tryReceive());
          first.send(1);
        });
    assertEquals(List.of(1), got);
  }

  @Test
  void a_handler_may_receive_from_a_producer_until_its_channel_is_drained() throws Exception {
    var handled = new AtomicInteger();
    Scopes.run(scope -> {
      Channel<Integer> channel = scope.channel(16);
      Receiver<Integer> ids =
          scope.produce(
              1,
              out -> {
                for (int i = 0; ; i++) {
                  out.send(i);
                }
              });
      scope.consume(channel, 2, n -> handled.addAndGet(ids.receive() >= 0 ? 1 : 0));
      for (int i : TEN) {
        channel.send(i);
      }
    });
    assertEquals(10, handled.get());
  }

  @Test
  void no_channel_is_opened_while_resources_are_closed() {
    var thrown = new AtomicReference<Throwable>();
    assertThrows(
        ScopeClosedException.class,
        () ->
            Scopes.run(scope ->
                scope.onExit(() -> {
                  try {
                    scope.channel(1);
                  } catch (Throwable t) {
                    thrown.set(t);
                    throw t;
                  }
                })));
    assertInstanceOf(ScopeClosedException.class, thrown.get());
  }

  @Test
  void bad_input_is_refused_before_anything_starts() throws Exception {
    Scopes.run(scope -> {
      Channel<Integer> channel = scope.channel(1);
      assertThrows(IllegalArgumentException.class, () -> scope.channel(-1));
      assertThrows(IllegalArgumentException.class, () -> scope.produce(-1, out -> {}));
      assertThrows(IllegalArgumentException.class, () -> scope.consume(channel, 0, n -> {}));
      assertThrows(NullPointerException.class, () -> scope.produce(1, null));
      assertThrows(NullPointerException.class, () -> scope.consume(channel, 1, null));
      assertThrows(NullPointerException.class, () -> scope.consume(null, 1, n -> {}));
      assertThrows(IllegalArgumentException.class, () -> scope.consume(" ", channel, 1, n -> {}));
      var elsewhere =
          OnThread.start(
              PLATFORM,
              () -> {
                assertThrows(WrongThreadException.class, () -> scope.channel(1));
                assertThrows(WrongThreadException.class, () -> scope.produce(1, out -> {}));
                assertThrows(WrongThreadException.class, () -> scope.consume(channel, 1, n -> {}));
                return null;
              });
      assertNull(elsewhere.value());
    });
  }

  @Test
  void after_the_end_no_channel_is_opened() throws Exception {
    var kept = new AtomicReference<Scope>();
    Scopes.run(kept::set);
    assertThrows(ScopeClosedException.class, () -> kept.get().channel(1));
    assertThrows(ScopeClosedException.class, () -> kept.get().produce(1, out -> {}));
    assertNull(ending(() -> null).thrown());
  }

  @EachThreadKind
  void timers_and_workers_run_until_a_pipeline_has_drained(ThreadFactory threads) throws Exception {
    var ticks = new AtomicInteger();
    var rounds = new AtomicInteger();
    List<Integer> got = Collections.synchronizedList(new ArrayList<>());
    Scopes.named("pipeline")
        .timeout(Duration.ofSeconds(30))
        .threads(threads)
        .run(scope -> {
          Thread owner = Thread.currentThread();
          scope.every(Duration.ofMillis(1), ticks::getAndIncrement);
          scope.worker(() -> {
            while (true) {
              rounds.getAndIncrement();
              Thread.sleep(1);
            }
          });
          // The pipeline ends only if both run on after the body has ended.
          Receiver<Integer> numbers =
              scope.produce(
                  1,
                  out -> {
                    Poll.untilIn(owner, "awaitTasks");
                    Poll.untilBlocked(owner);
                    int tick = ticks.get();
                    int round = rounds.get();
                    Poll.until(() -> ticks.get() > tick + 3 && rounds.get() > round + 3);
                    out.send(1);
                  });
          scope.consume(numbers, 1, got::add);
        });
    assertEquals(List.of(1), got);
  }

  @EachThreadKind
  void a_timer_that_may_feed_a_pipeline_stops_first(ThreadFactory threads) throws Exception {
    List<Integer> got = Collections.synchronizedList(new ArrayList<>());
    var fed = new CountDownLatch(1);
    Scopes.named("pipeline")
        .timeout(Duration.ofSeconds(9))
        .threads(threads)
        .run(scope -> {
          Channel<Integer> fedByTimer = scope.channel(4);
          scope.every(
              Duration.ofMillis(1),
              () -> {
                fedByTimer.trySend(1);
                fed.countDown();
              });
          Receiver<Integer> numbers = scope.produce(1, out -> fedByTimer.forEach(out::send));
          scope.consume(numbers, 1, got::add);
          fed.await();
        });
    assertFalse(got.isEmpty());
  }
}
