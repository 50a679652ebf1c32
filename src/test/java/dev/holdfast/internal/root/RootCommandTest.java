package dev.holdfast.internal.root;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ScopeCancelledException;
import dev.holdfast.ScopeClosedException;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.scope.Settings;
import dev.holdfast.internal.scope.Settings.Policy;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A command that is run, refused or abandoned by hand, in every order; {@link RootThreadTest} has
 * the threads.
 */
@LeavesNothing
class RootCommandTest {

  private final List<Object> discarded = new ArrayList<>();
  private final List<Throwable> uncaught = new ArrayList<>();
  private final IOException broken = new IOException("broken");
  private final InterruptedException why = new InterruptedException("the caller gave up");

  private ScopeImpl scope;
  private RootThread root;

  @BeforeEach
  void open() throws InterruptedException {
    root = new RootThread(Settings.DEFAULT.withName("root"), this);
    root.start();
    root.close(null);
    scope = ScopeImpl.open(Settings.DEFAULT.withOnDiscarded(discarded::add), Policy.BLOCK, this);
  }

  @AfterEach
  void end() {
    scope.end(null);
  }

  private RootCommand failing() {
    return new RootCommand(of -> {
      throw broken;
    });
  }

  @Test
  void the_caller_gets_the_value() {
    var command = new RootCommand(of -> of == scope ? "value" : "another scope");
    assertFalse(command.isOver());
    command.run(scope);
    assertTrue(command.isOver());
    assertEquals("value", command.result(root));
  }

  @Test
  void the_caller_gets_the_exception_itself() {
    RootCommand command = failing();
    command.run(scope);
    assertSame(broken, assertThrows(IOException.class, () -> command.result(root)));
  }

  @Test
  void a_refused_command_does_not_run() {
    RootCommand command = failing();
    command.refuse();
    assertTrue(command.isOver());
    command.run(scope);
    assertThrows(ScopeClosedException.class, () -> command.result(root));
  }

  @Test
  void a_command_that_has_run_is_not_refused() {
    var command = new RootCommand(of -> "value");
    command.run(scope);
    command.refuse();
    assertEquals("value", command.result(root));
  }

  @Test
  void an_abandoned_command_does_not_run() {
    var command = new RootCommand(of -> "value");
    command.abandon(scope, why);
    command.run(scope);
    assertEquals(List.of(), discarded);
  }

  @Test
  void the_value_of_a_caller_that_gave_up_is_discarded() {
    var done = new RootCommand(of -> "before");
    done.run(scope);
    done.abandon(scope, why);
    assertEquals(List.of("before"), discarded);
    abandonedWhileItRuns("after", null).run(scope);
    assertEquals(List.of("before", "after"), discarded);
  }

  /** {@return a command that is abandoned while it runs, and then returns or throws} */
  private RootCommand abandonedWhileItRuns(Object value, Exception thrown) {
    var command = new RootCommand[1];
    command[0] =
        new RootCommand(of -> {
          command[0].abandon(scope, why);
          if (thrown != null) {
            throw thrown;
          }
          return value;
        });
    return command[0];
  }

  @Test
  void the_exception_of_a_command_that_had_ended_is_suppressed_on_the_callers() {
    RootCommand command = failing();
    command.run(scope);
    command.abandon(scope, why);
    assertArrayEquals(new Throwable[] {broken}, why.getSuppressed());
  }

  @Test
  void the_exception_of_an_abandoned_command_goes_to_the_handler() {
    ThreadFactory threads =
        Thread.ofPlatform().uncaughtExceptionHandler((t, e) -> uncaught.add(e)).factory();
    RootCommand command = abandonedWhileItRuns(null, broken);
    OnThread.run(threads, () -> command.run(scope)).value();
    assertEquals(List.of(broken), uncaught);
    RootCommand cancelled = abandonedWhileItRuns(null, new InterruptedException());
    OnThread.run(threads, () -> cancelled.run(scope)).value();
    assertEquals(List.of(broken), uncaught);
  }

  @Test
  void a_command_that_the_cancelled_root_cut_off_says_why() {
    var reaction = new InterruptedException();
    reaction.addSuppressed(broken);
    var command =
        new RootCommand(of -> {
          scope.cancel("enough");
          Thread.interrupted();
          throw reaction;
        });
    command.run(scope);
    var thrown = assertThrows(ScopeCancelledException.class, () -> command.result(root));
    assertEquals("enough", thrown.reason());
    assertArrayEquals(new Throwable[] {broken}, thrown.getSuppressed());
  }
}
