package dev.holdfast.internal.background;

import static dev.holdfast.testing.LawFixtures.PLATFORM;
import static dev.holdfast.testing.LawFixtures.VIRTUAL;
import static dev.holdfast.testing.LawFixtures.ending;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Deadline;
import dev.holdfast.ForkFailedException;
import dev.holdfast.Scope;
import dev.holdfast.ScopeCancelledException;
import dev.holdfast.ScopeClosedException;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelClosedException;
import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.channel.Receiver;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
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

  @Test
  void a_producer_that_fails_fails_its_channel_and_its_scope() {
    var failure = new IllegalStateException("marker");
    var seen = new AtomicReference<Throwable>();
    var up = new CountDownLatch(1);
    var thrown =
        assertThrows(
            ForkFailedException.class,
            () ->
                Scopes.run(scope -> {
                  Receiver<Integer> numbers =
                      scope.produce(
                          0,
                          out -> {
                            up.await();
                            throw failure;
                          });
                  scope.fork(() -> {
                    up.countDown();
                    try {
                      numbers.receive();
                    } catch (ChannelClosedException | InterruptedException e) {
                      seen.set(e);
                      throw e;
                    }
                  });
                }));
    assertSame(failure, thrown.getCause());
    assertTrue(seen.get() instanceof InterruptedException || seen.get().getCause() == failure);
  }

  @Test
  void in_an_isolated_scope_a_failed_producer_affects_only_its_receivers() throws Exception {
    var failure = new IllegalStateException("marker");
    var reported = new AtomicReference<Throwable>();
    Scopes.named("isolated")
        .isolated()
        .threads(task -> {
          Thread thread = VIRTUAL.newThread(task);
          thread.setUncaughtExceptionHandler((t, e) -> reported.set(e));
          return thread;
        })
        .run(scope -> {
          Receiver<Integer> numbers =
              scope.produce(
                  0,
                  out -> {
                    throw failure;
                  });
          var closed = assertThrows(ChannelClosedException.class, numbers::receive);
          assertSame(failure, closed.getCause());
          assertFalse(scope.isCancelled());
        });
    assertSame(failure, reported.get());
  }

  @Test
  void in_an_isolated_scope_a_handler_that_fails_does_not_lose_the_next_element() throws Exception {
    var reported = Collections.synchronizedList(new ArrayList<Throwable>());
    var handled = new AtomicInteger();
    Scopes.named("isolated")
        .isolated()
        .threads(task -> {
          Thread thread = VIRTUAL.newThread(task);
          thread.setUncaughtExceptionHandler((t, e) -> reported.add(e));
          return thread;
        })
        .run(scope -> {
          Channel<Integer> numbers = scope.channel(16);
          scope.consume(
              numbers,
              1,
              n -> {
                if (n % 2 == 0) {
                  throw new IllegalStateException("marker");
                }
                handled.incrementAndGet();
              });
          for (int i : TEN) {
            numbers.send(i);
          }
        });
    assertEquals(5, handled.get());
    assertEquals(5, reported.size());
  }

  @Test
  void a_failed_handler_fails_the_scope_and_remaining_elements_are_undelivered() {
    var failure = new IllegalStateException("marker");
    List<Integer> left = new ArrayList<>();
    var thrown =
        assertThrows(
            ForkFailedException.class,
            () ->
                Scopes.run(scope -> {
                  Channel<Integer> numbers =
                      scope.channel(ChannelSpec.<Integer>of(16).onUndelivered(left::add));
                  for (int i : TEN) {
                    numbers.send(i);
                  }
                  scope.consume(
                      numbers,
                      1,
                      n -> {
                        throw failure;
                      });
                }));
    assertSame(failure, thrown.getCause());
    assertEquals(TEN.subList(1, 10), left);
  }

  @Test
  void a_deadline_stops_a_handler() {
    assertThrows(
        ScopeTimeoutException.class,
        () ->
            Scopes.timeout(Duration.ofMillis(20))
                .run(scope -> {
                  Channel<Integer> numbers = scope.channel(16);
                  scope.consume(numbers, 2, n -> Blocked.forEver());
                  numbers.send(1);
                }));
  }

  @Test
  void a_deadline_wakes_receivers_of_a_channel_that_stays_open() {
    assertThrows(
        ScopeTimeoutException.class,
        () ->
            Scopes.timeout(Duration.ofMillis(20))
                .run(scope -> {
                  Channel<Integer> numbers = scope.channel(0);
                  scope.fork(() -> numbers.forEach(n -> {}));
                }));
  }

  @EachThreadKind
  void cancellation_reaches_blocked_channel_operations(ThreadFactory threads) throws Exception {
    var runner =
        OnThread.start(
            threads,
            () ->
                Scopes.named("blocked")
                    .threads(threads)
                    .call(scope -> {
                      Channel<Integer> full = scope.channel(1);
                      full.send(0);
                      Channel<Integer> empty = scope.channel(1);
                      scope.fork(() -> full.send(1));
                      scope.fork(() -> empty.receive());
                      scope.fork(() -> Scopes.call(inner -> empty.receive()));
                      Poll.until(() -> full.stats().waitingSenders() == 1);
                      Poll.until(() -> empty.stats().waitingReceivers() == 2);
                      scope.cancel("test");
                      return empty.receive();
                    }));
    assertInstanceOf(ScopeCancelledException.class, runner.ended().thrown());
  }

  @Test
  void a_cancelled_task_that_swallows_its_interrupt_cannot_use_a_channel() throws Exception {
    var caught = new AtomicReference<Throwable>();
    var swallows = new AtomicInteger();
    Scopes.run(scope -> {
      Channel<Integer> numbers = scope.channel(4);
      var up = new CountDownLatch(1);
      var fork =
          scope.fork(() -> {
            up.countDown();
            try {
              Blocked.forEver();
            } catch (InterruptedException swallowed) {
              swallows.incrementAndGet();
            }
            try {
              numbers.send(1);
            } catch (Throwable t) {
              caught.set(t);
            }
          });
      up.await();
      fork.cancel();
    });
    assertInstanceOf(InterruptedException.class, caught.get());
    assertInstanceOf(ScopeCancelledException.class, caught.get().getCause());
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
  void the_exception_of_onUndelivered_is_thrown_by_the_scope() {
    var failure = new IllegalStateException("marker");
    List<String> order = new ArrayList<>();
    var thrown =
        assertThrows(
            IllegalStateException.class,
            () ->
                Scopes.run(scope -> {
                  scope.onExit(() -> order.add("resource"));
                  Channel<Integer> numbers =
                      scope.channel(
                          ChannelSpec.<Integer>of(4)
                              .onUndelivered(n -> {
                                order.add("element " + n);
                                throw failure;
                              }));
                  numbers.send(1);
                }));
    assertTrue(LawFixtures.holds(thrown, failure));
    assertEquals(List.of("element 1", "resource"), order);
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
  void in_a_cancelled_scope_a_producer_is_not_started_and_its_channel_has_failed()
      throws Exception {
    var started = new AtomicInteger();
    var numbers = new AtomicReference<Receiver<Integer>>();
    Scopes.run(scope -> {
      scope.cancel("test");
      numbers.set(scope.produce(0, out -> started.incrementAndGet()));
      scope.consume(numbers.get(), 2, n -> started.incrementAndGet());
    });
    assertEquals(0, started.get());
    var failed = assertThrows(ChannelClosedException.class, () -> numbers.get().tryReceive());
    assertInstanceOf(ScopeCancelledException.class, failed.getCause());
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
  void the_channel_of_a_producer_that_was_cancelled_with_its_scope_has_failed() throws Exception {
    var up = new CountDownLatch(1);
    var let = new CountDownLatch(1);
    var numbers = new AtomicReference<Receiver<Integer>>();
    var scopes = new AtomicReference<Scope>();
    var runner =
        OnThread.start(
            VIRTUAL,
            () ->
                Scopes.call(scope -> {
                  scopes.set(scope);
                  numbers.set(
                      scope.produce(
                          0,
                          out -> {
                            up.countDown();
                            LawFixtures.awaitUninterruptibly(let);
                          }));
                  return Blocked.<Integer>forEver();
                }));
    up.await();
    runner.blocked();
    scopes.get().cancel("test");
    let.countDown();
    runner.ended();
    var failed = assertThrows(ChannelClosedException.class, () -> numbers.get().tryReceive());
    assertInstanceOf(ScopeCancelledException.class, failed.getCause());
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
  void a_result_that_was_ready_wins_over_a_deadline_also_with_channels() throws Exception {
    Pace.find(time -> {
      var ready = new AtomicBoolean();
      var ended =
          LawFixtures.ending(() ->
              Scopes.timeout(time)
                  .call(scope -> {
                    Deadline deadline = Scopes.deadline();
                    scope.channel(1);
                    scope.onExit(() -> {
                      ready.set(!deadline.isExpired());
                      Poll.until(deadline::isExpired);
                    });
                    return scope.fork(() -> 1).join();
                  }));
      if (ready.get()) {
        assertEquals(1, ended.value());
      }
      return ready.get();
    });
  }

  @Test
  void in_an_isolated_scope_a_handler_that_throws_an_interrupt_does_not_end_its_consumer()
      throws Exception {
    var handled = new AtomicInteger();
    var reported = Collections.synchronizedList(new ArrayList<Throwable>());
    Scopes.named("isolated")
        .isolated()
        .threads(task -> {
          Thread thread = VIRTUAL.newThread(task);
          thread.setUncaughtExceptionHandler((t, e) -> reported.add(e));
          return thread;
        })
        .run(scope -> {
          Channel<Integer> numbers = scope.channel(0);
          scope.consume(
              numbers,
              1,
              n -> {
                if (n == 0) {
                  throw new InterruptedException("marker");
                }
                handled.incrementAndGet();
              });
          scope.fork(() -> {
            for (int i : TEN) {
              numbers.send(i);
            }
          });
        });
    assertEquals(9, handled.get());
    assertEquals(1, reported.size());
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
