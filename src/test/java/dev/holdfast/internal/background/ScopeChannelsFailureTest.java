package dev.holdfast.internal.background;

import static dev.holdfast.testing.LawFixtures.VIRTUAL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Deadline;
import dev.holdfast.ForkFailedException;
import dev.holdfast.Scope;
import dev.holdfast.ScopeCancelledException;
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

/** Producers and consumers that fail, or whose scope is cancelled. */
@LeavesNothing
class ScopeChannelsFailureTest {

  private static final List<Integer> TEN = IntStream.range(0, 10).boxed().toList();

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
                  scope.consume(numbers, 2, n -> Blocked.forever());
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
              Blocked.forever();
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
                  return Blocked.<Integer>forever();
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
}
