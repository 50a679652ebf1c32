package dev.holdfast.internal.background;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ForkFailedException;
import dev.holdfast.Outcome;
import dev.holdfast.Scope;
import dev.holdfast.ScopeCancelledException;
import dev.holdfast.ScopeSpec;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.Handler;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Warnings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Consumers with a second handler for failures; {@link ScopeChannelsTest} and {@link
 * ScopeChannelsFailureTest} have the rest.
 */
@LeavesNothing
@Tag("one-carrier")
class ChannelTaskTest {

  @RegisterExtension private final Warnings warnings = new Warnings();

  private final List<Integer> handled = Collections.synchronizedList(new ArrayList<>());
  private final List<Outcome.Failure<Integer, Void>> failed =
      Collections.synchronizedList(new ArrayList<>());
  private final IOException failure = new IOException("marker");

  /** Consumes 0 to 9. */
  private void consume(
      ScopeSpec spec,
      int parallelism,
      Handler<Integer, ?> handler,
      Handler<Outcome.Failure<Integer, Void>, ?> onFailure)
      throws InterruptedException {
    spec.run(scope -> {
      Channel<Integer> numbers = scope.channel(0);
      scope.consume(numbers, parallelism, handler, onFailure);
      scope.fork(() -> {
        for (int i = 0; i < 10; i++) {
          numbers.send(i);
        }
      });
    });
  }

  private void odd(int n) throws IOException {
    if (n % 2 == 0) {
      throw failure;
    }
    handled.add(n);
  }

  @EachThreadKind
  void an_element_that_fails_is_passed_on_and_the_next_one_is_handled(ThreadFactory threads)
      throws Exception {
    for (int parallelism : List.of(1, 3)) {
      handled.clear();
      failed.clear();
      consume(Scopes.named("odd").threads(threads), parallelism, this::odd, failed::add);
      assertEquals(List.of(1, 3, 5, 7, 9), handled.stream().sorted().toList());
      var items = failed.stream().map(Outcome.Failure::item).sorted().toList();
      assertEquals(List.of(0, 2, 4, 6, 8), items);
      assertTrue(failed.stream().allMatch(f -> f.cause() == failure), failed::toString);
    }
    warnings.none();
  }

  @Test
  void the_failure_says_how_long_the_handler_ran() throws Exception {
    consume(
        Scopes.named("slow"),
        1,
        n -> {
          Thread.sleep(2);
          throw failure;
        },
        failed::add);
    assertEquals(10, failed.size());
    for (var slow : failed) {
      assertTrue(slow.elapsed().compareTo(Duration.ofMillis(2)) >= 0, slow::toString);
    }
  }

  @EachThreadKind
  void in_an_isolated_scope_too_a_failure_that_is_passed_on_is_not_reported(ThreadFactory threads)
      throws Exception {
    consume(Scopes.isolated().threads(threads), 2, this::odd, failed::add);
    assertEquals(5, handled.size());
    assertEquals(5, failed.size());
    warnings.none();
  }

  @EachThreadKind
  void what_the_second_handler_throws_fails_the_scope(ThreadFactory threads) {
    var broken = new IllegalStateException("broken");
    assertSame(broken, causeIfTheSecondHandlerThrows(broken, threads));
    assertEquals(List.of(failure), List.of(broken.getSuppressed()));
    assertSame(failure, causeIfTheSecondHandlerThrows(failure, threads));
    assertEquals(0, failure.getSuppressed().length);
  }

  private Throwable causeIfTheSecondHandlerThrows(Exception thrown, ThreadFactory threads) {
    ScopeSpec spec = Scopes.named("odd").threads(threads);
    return assertThrows(
            ForkFailedException.class,
            () ->
                consume(
                    spec,
                    1,
                    this::odd,
                    f -> {
                      throw thrown;
                    }))
        .getCause();
  }

  @Test
  void in_an_isolated_scope_what_the_second_handler_throws_is_reported() throws Exception {
    var reported = Collections.synchronizedList(new ArrayList<Throwable>());
    consume(
        Scopes.isolated()
            .threads(
                Thread.ofVirtual().uncaughtExceptionHandler((t, e) -> reported.add(e)).factory()),
        1,
        this::odd,
        f -> {
          throw new IllegalStateException("broken " + f.item());
        });
    assertEquals(List.of(1, 3, 5, 7, 9), handled);
    assertEquals(5, reported.size());
    assertEquals("broken 0", reported.getFirst().getMessage());
  }

  @Test
  void in_an_isolated_scope_a_failure_of_the_only_handler_is_logged() throws Exception {
    Thread.UncaughtExceptionHandler ignored = (thread, thrown) -> {};
    var threads = Thread.ofVirtual().uncaughtExceptionHandler(ignored).factory();
    do { // the log leaves some out of very many in a second, even of other tests
      Scopes.named("logs")
          .isolated()
          .threads(threads)
          .run(scope -> {
            Channel<Integer> numbers = scope.channel(1);
            scope.consume("fails", numbers, 1, this::odd);
            numbers.send(0);
          });
    } while (warnings.count() == 0);
    assertTrue(warnings.messages().getFirst().contains("fails"), warnings.messages()::toString);
  }

  /** Starts consumers of a channel. */
  private interface Consuming {
    void start(Scope scope, Channel<Integer> numbers, Handler<Integer, ?> handler);
  }

  /** Cancels a scope while a handler blocks. */
  private static void cancelHandler(ScopeSpec spec, Consuming consuming) throws Exception {
    var up = new CountDownLatch(1);
    spec.run(scope -> {
      Channel<Integer> numbers = scope.channel(1);
      consuming.start(
          scope,
          numbers,
          n -> {
            up.countDown();
            Blocked.forever();
          });
      numbers.send(1);
      up.await();
      scope.cancel("enough");
      scope.join();
    });
  }

  @EachThreadKind
  void in_an_isolated_scope_a_handler_that_was_cancelled_has_not_failed(ThreadFactory threads) {
    var reported = Collections.synchronizedList(new ArrayList<Throwable>());
    ThreadFactory reporting =
        task -> {
          Thread thread = threads.newThread(task);
          thread.setUncaughtExceptionHandler((t, e) -> reported.add(e));
          return thread;
        };
    assertThrows(
        ScopeCancelledException.class,
        () ->
            cancelHandler(
                Scopes.isolated().threads(reporting),
                (scope, numbers, handler) -> scope.consume(numbers, 1, handler)));
    assertEquals(List.of(), reported);
    warnings.none();
  }

  @EachThreadKind
  void a_producer_that_sends_after_it_ended_the_channel_with_a_cause_fails(ThreadFactory threads) {
    var thrown =
        assertThrows(
            ForkFailedException.class,
            () ->
                Scopes.named("fails")
                    .threads(threads)
                    .run(scope -> {
                      scope.produce(
                          1,
                          out -> {
                            out.close(failure);
                            out.send(1);
                          });
                      Blocked.forever(); // while a task may receive
                    }));
    assertSame(failure, thrown.getCause().getCause());
  }

  @EachThreadKind
  void an_error_fails_the_scope(ThreadFactory threads) {
    var error = new AssertionError("marker");
    var thrown =
        assertThrows(
            ForkFailedException.class,
            () ->
                consume(
                    Scopes.named("error").threads(threads),
                    1,
                    n -> {
                      throw error;
                    },
                    failed::add));
    assertSame(error, thrown.getCause());
    assertEquals(List.of(), failed);
  }

  @EachThreadKind
  void an_element_whose_handler_was_cancelled_is_not_passed_on(ThreadFactory threads) {
    assertThrows(
        ScopeCancelledException.class,
        () ->
            cancelHandler(
                Scopes.named("cancelled").threads(threads),
                (scope, numbers, handler) -> scope.consume(numbers, 1, handler, failed::add)));
    assertEquals(List.of(), failed);
  }

  @EachThreadKind
  void an_interrupt_flag_that_the_handler_leaves_reaches_no_other_code(ThreadFactory threads)
      throws Exception {
    var flags = Collections.synchronizedList(new ArrayList<Boolean>());
    consume(
        Scopes.named("flags").threads(threads),
        1,
        n -> {
          flags.add(Thread.currentThread().isInterrupted());
          Thread.currentThread().interrupt();
          throw failure;
        },
        f -> {
          flags.add(Thread.currentThread().isInterrupted());
          Thread.currentThread().interrupt();
        });
    assertEquals(20, flags.size());
    assertFalse(flags.contains(true), flags::toString);
  }

  @EachThreadKind
  void an_interrupt_that_the_handler_throws_is_a_failure_like_others(ThreadFactory threads)
      throws Exception {
    consume(
        Scopes.named("interrupts").threads(threads),
        1,
        n -> {
          throw new InterruptedException("own");
        },
        failed::add);
    assertEquals(10, failed.size());
    assertInstanceOf(InterruptedException.class, failed.getFirst().cause());
  }
}
