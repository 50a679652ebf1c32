package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.testing.LeavesNothing;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Failures in an isolated scope. */
@LeavesNothing
@Tag("one-carrier")
class IsolatedScopeTest {

  private static final class Uncaught {
    final Queue<Throwable> reported = new ConcurrentLinkedQueue<>();

    ScopeSpec isolated(boolean virtual) {
      return Scopes.named("isolated")
          .isolated()
          .threads(
              virtual
                  ? Thread.ofVirtual().uncaughtExceptionHandler((t, e) -> reported.add(e)).factory()
                  : Thread.ofPlatform()
                      .uncaughtExceptionHandler((t, e) -> reported.add(e))
                      .factory());
    }
  }

  @Test
  void in_an_isolated_scope_a_failure_affects_only_the_callers_of_join() throws Exception {
    for (boolean virtual : new boolean[] {true, false}) {
      var uncaught = new Uncaught();
      var cause = new IllegalStateException("fork");
      int value =
          uncaught
              .isolated(virtual)
              .call(scope -> {
                Fork<?> bad =
                    scope.fork(() -> {
                      throw cause;
                    });
                Fork<Integer> good = scope.fork(() -> 1);
                var thrown = assertThrows(ForkFailedException.class, bad::join);
                assertSame(cause, thrown.getCause());
                assertFalse(scope.isCancelled());
                scope.join();
                return good.join();
              });
      assertEquals(1, value);
      assertEquals(List.of(), List.copyOf(uncaught.reported));
    }
  }

  @Test
  void a_failure_that_was_not_joined_goes_to_the_uncaught_exception_handler() throws Exception {
    for (boolean virtual : new boolean[] {true, false}) {
      var uncaught = new Uncaught();
      var cause = new IllegalStateException("fork");
      uncaught
          .isolated(virtual)
          .run(scope ->
              scope.fork(() -> {
                throw cause;
              }));
      assertEquals(List.of(cause), List.copyOf(uncaught.reported));
    }
  }

  @Test
  void a_body_that_throws_the_failure_it_joined_throws_it() {
    var uncaught = new Uncaught();
    var cause = new IllegalStateException("fork");
    var thrown =
        assertThrows(
            ForkFailedException.class,
            () ->
                uncaught
                    .isolated(true)
                    .run(scope ->
                        scope
                            .fork(() -> {
                              throw cause;
                            })
                            .join()));
    assertSame(cause, thrown.getCause());
    assertEquals(List.of(), List.copyOf(uncaught.reported));
  }

  @Test
  void many_failures_that_were_not_joined_are_all_reported() throws Exception {
    var uncaught = new Uncaught();
    uncaught
        .isolated(true)
        .run(scope -> {
          for (int i = 0; i < 600; i++) {
            int number = i;
            scope.fork(() -> {
              throw new IllegalStateException("" + number);
            });
          }
        });
    assertEquals(600, uncaught.reported.size());
  }

  @Test
  void an_uncaught_exception_handler_that_throws_is_ignored() throws Exception {
    int value =
        Scopes.named("isolated")
            .isolated()
            .threads(
                Thread.ofVirtual()
                    .uncaughtExceptionHandler((t, e) -> {
                      throw new IllegalStateException("handler");
                    })
                    .factory())
            .call(scope -> {
              scope.fork(() -> {
                throw new IllegalStateException("fork");
              });
              return 1;
            });
    assertEquals(1, value);
  }
}
