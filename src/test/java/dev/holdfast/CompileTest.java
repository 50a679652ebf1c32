package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelClosedException;
import dev.holdfast.channel.Receiver;
import dev.holdfast.channel.Select;
import dev.holdfast.testing.LeavesNothing;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What callers pass to overloads: lambdas with and without a value, variables, and references to
 * methods that have overloads themselves. The compiler must find each call, and the right one: the
 * declared types are the test.
 */
@LeavesNothing
@SuppressWarnings({"UnnecessaryLambda", "UnusedMethod"}) // they are what is compiled
class CompileTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  private final AtomicInteger runs = new AtomicInteger();
  private final Runnable runnable = this::count;
  private final Supplier<String> supplier = () -> "supplied";
  private final Callable<String> callable = () -> "called";
  private final Action action = this::count;
  private final Task<String, IOException> task = this::load;

  // Each of these has overloads, so a reference to it is not exact. Where a method takes code with
  // and without a value, the compiler then takes it for code with a value.

  private String load() throws IOException {
    return load("loaded");
  }

  private String load(String name) throws IOException {
    if (name.isEmpty()) {
      throw new IOException("no name");
    }
    return name;
  }

  private void count() {
    count(1);
  }

  private void count(int more) {
    runs.addAndGet(more);
  }

  private static int length(String text) {
    return text.length();
  }

  private static int length(List<?> list) {
    return list.size();
  }

  @Test
  void a_fork_takes_everything_that_returns_a_value() throws Exception {
    Scopes.run(scope -> {
      List<Fork<String>> forks =
          List.of(
              scope.fork(() -> load()),
              scope.fork(() -> {
                return load();
              }),
              scope.fork(this::load),
              scope.fork(supplier::get),
              scope.fork(() -> supplier.get()),
              scope.fork(callable),
              scope.fork(task),
              scope.fork("named", () -> load()),
              scope.fork("named", this::load),
              scope.fork("named", callable),
              scope.fork("named", task));
      for (Fork<String> fork : forks) {
        assertTrue(fork.join().endsWith("ed"));
      }
    });
  }

  @Test
  void a_fork_takes_everything_that_returns_nothing() throws Exception {
    Scopes.run(scope -> {
      List<Fork<Void>> forks =
          List.of(
              scope.fork(() -> count()),
              scope.fork(() -> {
                count();
              }),
              scope.fork(() -> {
                load();
              }),
              scope.fork(runnable::run),
              scope.fork(() -> runnable.run()),
              scope.fork(action),
              scope.fork("named", () -> count()),
              scope.fork("named", runnable::run),
              scope.fork("named", action));
      for (Fork<Void> fork : forks) {
        fork.join();
      }
    });
    assertEquals(8, runs.get());
  }

  @Test
  void workers_and_timers_take_code_with_and_without_their_handle() throws Exception {
    var ticks = new CountDownLatch(4);
    Scopes.run(scope -> {
      Worker<Void> plain = scope.worker(() -> ticks.await());
      Worker<Void> referred = scope.worker("referred", ticks::await);
      Worker<Void> restarted = scope.worker(Restart.onFailure(), action);
      Worker<String> ready = scope.worker(self -> self.ready(load()));
      Worker<Integer> typed = scope.worker("typed", (Worker<Integer> self) -> self.ready(1));
      assertEquals("loaded", ready.awaitReady());
      assertEquals(1, typed.awaitReady());
      scope.every(Duration.ofMillis(1), ticks::countDown);
      scope.every("named", Duration.ofMillis(1), () -> ticks.countDown());
      scope.after(Duration.ofMillis(1), ticks::countDown);
      scope.after("named", Duration.ofMillis(1), runnable::run);
      ticks.await();
      assertEquals(3, Stream.of(plain, referred, restarted).distinct().count());
      String ended =
          Select.<String>of(plain.onJoin(() -> "joined"), referred.onJoin(supplier)).await();
      int forked =
          Select.of(
                  scope.fork(this::load).onJoin(CompileTest::length),
                  Select.timeout(Duration.ofSeconds(20), () -> -1))
              .await();
      assertEquals(6, forked);
      Worker<Void> delays =
          scope.worker(self -> {
            do count();
            while (!self.awaitStop(SECOND));
          });
      assertTrue(ended.endsWith("ed"));
      assertTrue(!delays.stopping());
    });
  }

  @Test
  void combinators_of_items_take_lambdas_and_references() throws Exception {
    List<String> items = List.of("a", "bc");
    List<Integer> lengths = Scopes.fanOut(items, CompileTest::length);
    List<Integer> limited = Scopes.limit(1).fanOut(items, item -> length(item));
    List<Integer> streamed = Scopes.fanOut(items.stream(), CompileTest::length);
    List<String> loaded = Scopes.fanOut(items, this::load);
    int first = Scopes.race(List.of("a"), CompileTest::length);
    List<Integer> most = Scopes.quorum(1, List.of("a"), CompileTest::length);
    List<Outcome<String, Integer>> settled = Scopes.settle(items, CompileTest::length);
    assertEquals(List.of(1, 2), lengths);
    assertEquals(lengths, limited);
    assertEquals(lengths, streamed);
    assertEquals(items, loaded);
    assertEquals(1, first);
    assertEquals(List.of(1), most);
    assertEquals(lengths, Outcome.successes(settled));
  }

  @Test
  void combinators_without_a_result_take_lambdas_and_references() throws Exception {
    List<Integer> items = List.of(1, 2);
    Scopes.forEach(items, this::count);
    Scopes.forEach(items, item -> count(item));
    Scopes.each(List.of("a", "bc"), CompileTest::length, this::count);
    Scopes.settle(items, item -> item, outcome -> count());
    assertEquals(11, runs.get());
  }

  @Test
  void combinators_of_tasks_take_lambdas_references_and_variables() throws Exception {
    String two = Scopes.fanOut(this::load, supplier::get, (a, b) -> a + b);
    String three = Scopes.fanOut(() -> load(), task, this::load, (a, b, c) -> a + b + c);
    int four = Scopes.fanOut(() -> 1, () -> 2, () -> 3, () -> 4, (a, b, c, d) -> a + b + c + d);
    int five =
        Scopes.fanOut(
            () -> 1, () -> 2, () -> 3, () -> 4, () -> 5, (a, b, c, d, e) -> a + b + c + d + e);
    String first = Scopes.race(this::load, () -> load());
    List<String> all = Scopes.fanOut(List.of(task, task));
    assertEquals("loadedsupplied", two);
    assertEquals("loadedloadedloaded", three);
    assertEquals(10, four);
    assertEquals(15, five);
    assertEquals("loaded", first);
    assertEquals(List.of("loaded", "loaded"), all);
    Scopes.fanOut(this::count, () -> count());
    Scopes.fanOut(runnable::run, this::count, () -> load());
    assertEquals(4, runs.get());
  }

  @Test
  void scopes_and_shields_take_code_with_and_without_a_value() throws Exception {
    String called = Scopes.call(scope -> load());
    String shielded = Scopes.shield(SECOND, this::load);
    String supplied = Scopes.shield(SECOND, supplier::get);
    Scopes.run(scope -> count());
    Scopes.shield(SECOND, () -> count());
    Scopes.shield(SECOND, runnable::run);
    String blocked = Scopes.call(scope -> scope.blocking(this::count, this::load));
    Scopes.run(scope -> {
      scope.onExit(this::count);
      scope.onExit(runnable::run);
      scope.use(this::count);
    });
    assertEquals("loaded", called);
    assertEquals(called, shielded);
    assertEquals("supplied", supplied);
    assertEquals(called, blocked);
    assertEquals(6, runs.get());
  }

  @Test
  void settings_outcomes_and_retries_are_a_line_each() throws Exception {
    List<String> items = List.of("a", "bc");
    Outcome<Fork<String>, String> outcome =
        Scopes.isolated().call(scope -> scope.fork(this::load).outcome());
    String joined = Scopes.grace(SECOND).call(scope -> scope.fork(callable).join(SECOND));
    Deadline deadline = Scopes.call(Scope::deadline);
    int hedged = Scopes.hedge(SECOND).race(items, CompileTest::length);
    List<Outcome<String, Integer>> settled =
        Scopes.timeout(SECOND)
            .itemTimeout(SECOND)
            .settle(items, CompileTest::length, done -> count());
    List<Integer> successes = Outcome.successes(settled);
    List<Outcome.Failure<String, Integer>> failures = Outcome.failures(settled);
    String retried = Retry.attempts(2).backoff(Restart.onFailure()).call(this::load);
    String supplied = Retry.attempts(2).call(supplier::get);
    String tasked = Retry.attempts(2).on(e -> true).call(task);
    Retry.attempts(2).run(runnable::run);
    Retry.attempts(2).run(this::count);
    String rated = Guard.named("rate").perSecond(100).call(scope -> load());
    assertTrue(outcome instanceof Outcome.Success && !deadline.isExpired());
    assertEquals(List.of(1, 2), successes);
    assertEquals(List.of(), failures);
    assertTrue(hedged > 0);
    assertEquals(
        "loaded supplied loaded loaded", String.join(" ", retried, supplied, tasked, rated));
    assertEquals("called", joined);
    assertEquals(4, runs.get());
  }

  @Test
  void ends_of_channels_are_a_line_each() throws Exception {
    Scopes.run(scope -> {
      Channel<String> channel = scope.channel(1);
      assertNull(channel.tryReceive());
      channel.send("one");
      channel.close(new IOException("marker"));
      int length =
          Select.of(
                  channel.onReceive(CompileTest::length).when(() -> !scope.isCancelled()),
                  Select.timeout(SECOND, () -> -1))
              .await();
      var closed = assertThrows(ChannelClosedException.class, channel::receive);
      boolean ended = channel.isEnded();
      channel.cancel();
      assertEquals(3, length);
      assertEquals("marker", closed.getCause().getMessage());
      assertTrue(ended);
    });
    var late =
        assertThrows(
            ScopeTimeoutException.class,
            () -> Scopes.timeout(Duration.ofMillis(5)).run(scope -> Thread.sleep(60_000)));
    assertEquals(1, late.running().size());
    assertTrue(late.scope().contains("CompileTest"));
  }

  @Test
  void roots_and_guards_take_code_with_and_without_a_value() throws Exception {
    try (RootScope root = Scopes.named("root").open()) {
      String value = root.call(scope -> load());
      root.run(scope -> scope.fork(() -> count()));
      root.run(scope -> {
        scope.fork(runnable::run);
      });
      assertEquals("loaded", value);
    }
    Guard guard = Guard.named("compile").maxConcurrent(1);
    String guarded = guard.call(scope -> load());
    assertTrue(guard.run(scope -> count()));
    assertEquals("loaded", guarded);
    assertEquals(3, runs.get());
  }

  @Test
  void channels_and_select_take_lambdas_and_references() throws Exception {
    Scopes.run(scope -> {
      Receiver<Integer> numbers = scope.produce(2, out -> out.send(5));
      scope.consume(numbers, 1, this::count);
      scope.consume(numbers, 1, this::count, failed -> count(failed.item()));
      scope.consume(numbers, 1, n -> load(), failed -> load(failed.cause().toString()));
      Receiver<String> texts = scope.produce(2, out -> out.send("abc"));
      int length =
          Select.of(
                  texts.onReceive(CompileTest::length),
                  Select.timeout(Duration.ofSeconds(20), () -> -1))
              .await();
      assertEquals(3, length);
    });
    assertEquals(5, runs.get());
  }
}
