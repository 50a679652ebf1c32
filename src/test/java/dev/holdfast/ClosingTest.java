package dev.holdfast;

import static dev.holdfast.testing.Blocked.forever;
import static dev.holdfast.testing.LawFixtures.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.internal.cancel.Patience;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import dev.holdfast.testing.Warnings;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * While resources close, deadlines, cancellations and interrupts from outside still count.
 *
 * <p>Tests {@code ClosingScope} and {@code ScopeEnding} as well.
 */
@LeavesNothing
@Tag("one-carrier")
class ClosingTest {

  private static final Duration SHORT = Duration.ofMillis(10);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @RegisterExtension final Warnings warnings = new Warnings();
  @RegisterExtension final Patience patience = new Patience();

  private final CountDownLatch closing = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);

  private void block() throws InterruptedException {
    closing.countDown();
    forever();
  }

  /** {@return a call whose deadline has passed while it closed its resources} */
  private <R> OnThread<R> late(Function<Duration, OnThread<R>> call) throws Exception {
    var found = new AtomicReference<OnThread<R>>();
    Pace.find(time -> {
      patience.forClosing(SHORT);
      found.set(call.apply(time));
      return !(found.get().thrown() instanceof ScopeTimeoutException timeout)
          || timeout.getMessage().contains("did not close");
    });
    return found.get();
  }

  /** {@return such a call with one resource} */
  private OnThread<Integer> late(ThreadFactory factory, Action close) throws Exception {
    return late(time ->
        OnThread.start(
            factory,
            () ->
                Scopes.named("orders")
                    .timeout(time)
                    .call(scope -> {
                      scope.onExit(close);
                      return 1;
                    })));
  }

  @Test
  void a_resource_has_a_second_to_close() {
    var nanos = new AtomicLong();
    OnThread<Void> call =
        OnThread.run(() ->
            Scopes.run(scope -> {
              scope.onExit(() -> {
                long begun = System.nanoTime();
                try {
                  block();
                } finally {
                  nanos.set(System.nanoTime() - begun);
                }
              });
              scope.cancel("test");
            }));
    call.end();
    assertTrue(nanos.get() >= 990_000_000, () -> nanos + " ns");
  }

  @Test
  void a_resource_of_a_cancelled_scope_has_its_grace_too() {
    patience.forClosing(SHORT);
    var nanos = new AtomicLong();
    OnThread<Void> call =
        OnThread.run(() ->
            Scopes.named("orders")
                .grace(Duration.ofMillis(300))
                .run(scope -> {
                  long begun = System.nanoTime();
                  scope.onExit(() -> {
                    try {
                      block();
                    } finally {
                      nanos.set(System.nanoTime() - begun);
                    }
                  });
                  scope.cancel("test");
                }));
    call.end();
    assertTrue(nanos.get() >= 300_000_000, () -> nanos + " ns");
  }

  @EachThreadKind
  void a_deadline_cuts_off_a_resource_that_does_not_close(ThreadFactory factory) throws Exception {
    OnThread<Integer> call = late(factory, this::block);
    String message = assertInstanceOf(ScopeTimeoutException.class, call.thrown()).getMessage();
    assertTrue(message.startsWith("Scope 'orders' did not close an action of ClosingTest"));
    call.leavesNoFlag();
  }

  @EachThreadKind
  void the_value_is_returned_if_the_resource_closes_when_it_is_interrupted(ThreadFactory factory)
      throws Exception {
    OnThread<Integer> call =
        late(
            factory,
            () -> {
              try {
                block();
              } catch (InterruptedException closesByForce) {
                Thread.currentThread().interrupt();
              }
            });
    assertEquals(1, call.value());
    call.leavesNoFlag();
  }

  @EachThreadKind
  void a_resource_of_a_cancelled_scope_has_time_to_close(ThreadFactory factory) {
    patience.forClosing(MINUTE);
    var disturbed = new AtomicBoolean();
    OnThread<Integer> call =
        OnThread.start(
            factory,
            () ->
                Scopes.call(scope -> {
                  for (int i = 0; i < 3; i++) {
                    scope.onExit(() -> {
                      try {
                        Scopes.checkpoint();
                        Thread.sleep(100); // longer than the time to the next interrupts
                      } catch (InterruptedException e) {
                        disturbed.set(true);
                      }
                    });
                  }
                  scope.cancel("test");
                  return forever();
                }));
    assertInstanceOf(ScopeCancelledException.class, call.thrown());
    assertFalse(disturbed.get());
  }

  @EachThreadKind
  void a_resource_of_a_failed_scope_is_cut_off_if_it_does_not_close(ThreadFactory factory) {
    patience.forClosing(SHORT);
    var failure = new IllegalStateException("marker");
    OnThread<Void> call =
        OnThread.run(
            factory,
            () ->
                Scopes.run(scope -> {
                  scope.onExit(this::block);
                  throw failure;
                }));
    assertSame(failure, call.leavesNoFlag().thrown());
  }

  @EachThreadKind
  void the_next_resource_has_time_of_its_own(ThreadFactory factory) throws Exception {
    var disturbed = new AtomicBoolean();
    OnThread<Integer> call =
        late(time ->
            OnThread.start(
                factory,
                () ->
                    Scopes.timeout(time)
                        .call(scope -> {
                          scope.onExit(() -> {
                            try {
                              Thread.sleep(100);
                            } catch (InterruptedException e) {
                              disturbed.set(true);
                            }
                          });
                          scope.onExit(() -> {
                            try {
                              block();
                            } catch (InterruptedException e) {
                              patience.forClosing(MINUTE);
                              Thread.currentThread().interrupt();
                            }
                          });
                          return 1;
                        })));
    assertEquals(1, call.value());
    assertFalse(disturbed.get(), "one closer's interrupt hit the next");
  }

  @EachThreadKind
  void a_resource_that_stays_open_is_named(ThreadFactory factory) throws Exception {
    patience.forClosing(SHORT);
    patience.forEnding(SHORT);
    Pace.find(time -> {
      int before = warnings.count();
      var resource = new AtomicReference<Stubborn>();
      OnThread<Integer> call =
          OnThread.start(
              factory,
              () ->
                  Scopes.named("orders")
                      .timeout(time)
                      .call(scope -> {
                        resource.set(scope.use(new Stubborn(Scopes.deadline())));
                        return 1;
                      }));
      Poll.until(() ->
          !call.thread().isAlive()
              || (resource.get() != null && resource.get().closing.getCount() == 0));
      boolean inTime = call.thread().isAlive() && resource.get().inTime;
      if (inTime) {
        Poll.until(() -> warnings.count() > before);
      }
      if (resource.get() != null) {
        resource.get().release.countDown();
      }
      call.end();
      if (inTime) {
        assertEquals(1, call.value());
        assertEquals(before + 1, warnings.count(), () -> warnings.messages().toString());
        String warning = warnings.messages().getLast();
        assertTrue(warning.contains("The closing of dev.holdfast.ClosingTest$Stubborn"), warning);
        assertTrue(warning.contains("Scope 'orders'"), warning);
        assertTrue(warning.contains("Stubborn.close"), warning);
      }
      return inTime;
    });
  }

  /** A resource that stays open until it is released, whether it is interrupted or not. */
  private static final class Stubborn implements AutoCloseable {

    final CountDownLatch closing = new CountDownLatch(1);
    final CountDownLatch release = new CountDownLatch(1);
    private final Deadline deadline;
    volatile boolean inTime;

    Stubborn(Deadline deadline) {
      this.deadline = deadline;
    }

    @Override
    public void close() {
      inTime = !deadline.isExpired();
      closing.countDown();
      Blocked.stubbornly(release);
    }
  }

  @EachThreadKind
  void a_cancelled_outer_scope_cuts_off_the_resources_of_an_inner_one(ThreadFactory factory) {
    patience.forClosing(SHORT);
    var opened = new AtomicReference<Scope>();
    var inner = new AtomicReference<Throwable>();
    OnThread<Integer> call =
        OnThread.start(
            factory,
            () ->
                Scopes.call(outer -> {
                  opened.set(outer);
                  try {
                    return Scopes.call(scope -> {
                      scope.onExit(this::block);
                      return 1;
                    });
                  } catch (InterruptedException e) {
                    inner.set(e);
                    throw e;
                  }
                }));
    Poll.until(() -> closing.getCount() == 0);
    opened.get().cancel("test");
    assertInstanceOf(ScopeCancelledException.class, call.thrown());
    assertInstanceOf(InterruptedException.class, inner.get());
    call.leavesNoFlag();
  }

  @EachThreadKind
  void cancel_cuts_off_resources_too(ThreadFactory factory) {
    patience.forClosing(SHORT);
    var opened = new AtomicReference<Scope>();
    OnThread<Integer> call =
        OnThread.start(
            factory,
            () ->
                Scopes.call(scope -> {
                  opened.set(scope);
                  scope.onExit(this::block);
                  return 1;
                }));
    Poll.until(() -> closing.getCount() == 0);
    opened.get().cancel("enough");
    var thrown = assertInstanceOf(ScopeCancelledException.class, call.thrown());
    assertEquals("enough", thrown.reason());
  }

  @EachThreadKind
  void an_interrupt_from_outside_is_thrown_as_one(ThreadFactory factory) {
    var nextInterrupted = new AtomicBoolean();
    OnThread<Integer> call =
        OnThread.start(
            factory,
            () ->
                Scopes.call(scope -> {
                  scope.onExit(() -> nextInterrupted.set(Thread.currentThread().isInterrupted()));
                  scope.onExit(this::block);
                  return 1;
                }));
    Poll.until(() -> closing.getCount() == 0);
    call.interrupt();
    assertInstanceOf(InterruptedException.class, call.thrown());
    call.leavesNoFlag();
    assertFalse(nextInterrupted.get());
  }

  /** As most code does that may not throw an InterruptedException. */
  @EachThreadKind
  void an_interrupt_from_outside_is_thrown_as_one_that_the_resource_wraps(ThreadFactory factory) {
    List<Action> closers =
        List.of(
            () -> {
              throw new IllegalStateException(blockUntilInterrupted());
            },
            () -> {
              Exception interrupt = blockUntilInterrupted();
              Thread.currentThread().interrupt();
              throw new IllegalStateException(interrupt);
            });
    for (Action closer : closers) {
      OnThread<Integer> call =
          OnThread.start(
              factory,
              () ->
                  Scopes.call(scope -> {
                    scope.onExit(closer);
                    return 1;
                  }));
      Poll.until(() -> closing.getCount() == 0);
      call.blocked();
      call.interrupt();
      assertInstanceOf(InterruptedException.class, call.thrown());
      call.leavesNoFlag();
    }
  }

  private InterruptedException blockUntilInterrupted() {
    try {
      block();
      throw new AssertionError();
    } catch (InterruptedException e) {
      return e;
    }
  }

  @EachThreadKind
  void a_deadline_cuts_off_callbacks_that_wrap_their_interrupt(ThreadFactory factory)
      throws Exception {
    Consumer<Object> stuck =
        value -> {
          throw new IllegalStateException(blockUntilInterrupted());
        };
    List<ScopeAction<?>> bodies =
        List.of(
            scope -> scope.fork(() -> 1),
            scope ->
                scope.<Integer>channel(ChannelSpec.<Integer>of(1).onUndelivered(stuck)).send(1),
            scope -> scope.onExit(() -> stuck.accept(1)));
    for (ScopeAction<?> body : bodies) {
      OnThread<Void> call =
          late(time ->
              OnThread.run(factory, () -> Scopes.timeout(time).onDiscarded(stuck).run(body)));
      assertInstanceOf(ScopeTimeoutException.class, call.thrown());
    }
  }

  @EachThreadKind
  void an_interrupt_from_outside_is_kept_if_the_resource_swallows_nothing(ThreadFactory factory) {
    patience.forClosing(MINUTE);
    for (boolean cancelled : new boolean[] {false, true}) {
      var inside = new CountDownLatch(1);
      var go = new CountDownLatch(1);
      OnThread<Integer> call =
          OnThread.start(
              factory,
              () ->
                  Scopes.call(scope -> {
                    scope.onExit(() -> {
                      inside.countDown();
                      Blocked.spinning(go);
                    });
                    if (cancelled) {
                      scope.cancel("test");
                    }
                    return 1;
                  }));
      Poll.until(() -> inside.getCount() == 0);
      call.interrupt();
      go.countDown();
      assertEquals(1, call.value());
      assertTrue(call.flag(), "the interrupt is lost");
    }
  }

  @EachThreadKind
  void a_failure_of_the_body_keeps_the_interrupt_from_outside(ThreadFactory factory) {
    patience.forClosing(MINUTE);
    var failure = new IllegalStateException("marker");
    OnThread<Void> call =
        OnThread.run(
            factory,
            () ->
                Scopes.run(scope -> {
                  scope.onExit(this::block);
                  throw failure;
                }));
    Poll.until(() -> closing.getCount() == 0);
    call.interrupt();
    assertSame(failure, call.thrown());
    assertTrue(call.flag(), "the interrupt is lost");
  }

  @EachThreadKind
  void a_failure_to_close_keeps_the_interrupt_from_outside(ThreadFactory factory) {
    OnThread<Integer> call =
        OnThread.start(
            factory,
            () ->
                Scopes.call(scope -> {
                  scope.onExit(() -> {
                    throw new IllegalStateException("does not close");
                  });
                  scope.onExit(this::block);
                  return 1;
                }));
    Poll.until(() -> closing.getCount() == 0);
    call.interrupt();
    Throwable thrown = assertInstanceOf(InterruptedException.class, call.thrown());
    assertEquals("does not close", thrown.getSuppressed()[1].getMessage());
  }

  @Test
  void a_channel_that_hands_over_its_rest_has_a_deadline() throws Exception {
    OnThread<Integer> call =
        late(time ->
            OnThread.start(() ->
                Scopes.timeout(time)
                    .call(scope -> {
                      scope
                          .<Integer>channel(
                              ChannelSpec.<Integer>of(1)
                                  .onUndelivered(element -> {
                                    try {
                                      await(release);
                                    } catch (InterruptedException e) {
                                      Thread.currentThread().interrupt();
                                    }
                                  }))
                          .send(1);
                      return 1;
                    })));
    assertEquals(1, call.value());
  }

  /** It waits for its requests when it is closed, and drops them when it is interrupted. */
  @EachThreadKind
  void an_http_client_with_a_request_under_way_is_closed_by_the_deadline(ThreadFactory factory)
      throws Exception {
    try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      URI uri = URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/");
      OnThread<CompletableFuture<?>> call =
          late(time -> {
            HttpClient created = HttpClient.newHttpClient(); // here, because its first use is slow
            return OnThread.start(
                factory,
                () ->
                    Scopes.timeout(time)
                        .call(scope -> {
                          HttpClient client = scope.use(created);
                          return client.sendAsync(
                              HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding());
                        }));
          });
      call.value(); // it returns
    }
  }
}
