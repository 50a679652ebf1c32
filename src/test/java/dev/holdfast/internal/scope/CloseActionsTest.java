package dev.holdfast.internal.scope;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.ScopeClosedException;
import dev.holdfast.internal.scope.Settings.Policy;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The list of actions alone; {@link dev.holdfast.ClosingTest} has the time that they may take. */
@LeavesNothing
class CloseActionsTest {

  private final List<Object> log = Collections.synchronizedList(new ArrayList<>());

  private ScopeImpl scope;

  @AfterEach
  void end() {
    if (scope != null && !scope.hasEnded()) {
      scope.end(null); // an assertion has failed
    }
  }

  private ScopeImpl open() throws InterruptedException {
    scope = ScopeImpl.open(Settings.DEFAULT.withName("closes"), Policy.BLOCK, this);
    return scope;
  }

  @Test
  void the_last_added_runs_first_and_each_runs_once() throws Exception {
    ScopeImpl scope = open();
    for (int i = 0; i < 5; i++) {
      int number = i;
      CloseActions.atEnd(scope, () -> log.add(number), log);
    }
    assertEquals(List.of(), log);
    scope.end(null);
    assertEquals(List.of(4, 3, 2, 1, 0), log);
    assertEquals(List.of(), scope.resources());
  }

  @EachThreadKind
  void tasks_may_add_at_the_same_time(ThreadFactory threads) throws Exception {
    Settings settings = Settings.DEFAULT.withFactory(threads);
    ScopeImpl scope = ScopeImpl.open(settings, Policy.BLOCK, this);
    for (int i = 0; i < 8; i++) {
      int task = i;
      ForkTask.start(
          scope,
          null,
          () -> {
            for (int j = 0; j < 100; j++) {
              int number = 100 * task + j;
              CloseActions.atEnd(scope, () -> log.add(number), log);
            }
            return null;
          });
    }
    scope.end(null);
    assertEquals(800, log.size());
    assertEquals(
        IntStream.range(0, 800).boxed().toList(),
        log.stream().map(Integer.class::cast).sorted().toList());
  }

  @Test
  void one_that_throws_does_not_stop_the_others() throws Exception {
    ScopeImpl scope = open();
    var second = new IllegalStateException("second");
    var first = new IllegalStateException("first");
    CloseActions.atEnd(scope, () -> log.add("last"), log);
    CloseActions.atEnd(scope, () -> throwIt(second), log);
    CloseActions.atEnd(scope, () -> throwIt(first), log);
    assertSame(first, assertThrows(IllegalStateException.class, () -> scope.end(null)));
    assertArrayEquals(new Throwable[] {second}, first.getSuppressed());
    assertEquals(List.of("last"), log);
  }

  private static void throwIt(RuntimeException thrown) {
    throw thrown;
  }

  @Test
  void an_action_that_runs_can_add_no_other() throws Exception {
    ScopeImpl scope = open();
    CloseActions.atEnd(scope, () -> CloseActions.atEnd(scope, () -> log.add("never"), log), log);
    assertThrows(ScopeClosedException.class, () -> scope.end(null));
    assertEquals(List.of(), log);
  }

  @Test
  void a_resource_that_an_ended_scope_rejects_is_closed_at_once() throws Exception {
    ScopeImpl scope = open();
    scope.end(null);
    var broken = new IOException("cannot close");
    Closeable resource =
        () -> {
          log.add("closed");
          throw broken;
        };
    Throwable thrown =
        assertThrows(ScopeClosedException.class, () -> CloseActions.use(scope, resource));
    assertEquals(List.of("closed"), log);
    assertArrayEquals(new Throwable[] {broken}, thrown.getSuppressed());
  }

  @EachThreadKind
  void a_resource_of_a_thread_outside_the_scope_is_closed_at_once(ThreadFactory threads)
      throws Exception {
    ScopeImpl scope = open();
    var outside = OnThread.run(threads, () -> CloseActions.use(scope, () -> log.add("closed")));
    assertSame(WrongThreadException.class, outside.thrown().getClass());
    assertEquals(List.of("closed"), log);
    scope.end(null);
    assertEquals(List.of("closed"), log);
  }

  private static final class Connection implements AutoCloseable {
    @Override
    public void close() {}
  }

  @Test
  void snapshots_show_resources_by_type_and_actions_by_class() throws Exception {
    ScopeImpl scope = open();
    assertEquals(List.of(), scope.resources());
    CloseActions.use(scope, new Connection());
    Runnable action = () -> log.add("action");
    CloseActions.atEnd(scope, action::run, action);
    List<String> resources = scope.resources();
    assertEquals(2, resources.size());
    assertEquals("an action of CloseActionsTest", resources.get(0));
    assertEquals(Connection.class.getName(), resources.get(1));
    scope.end(null);
    assertNull(scope.cancellation());
  }
}
