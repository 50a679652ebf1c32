package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.LeavesNothing;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Each form of code that a user may pass compiles, and the overload with the result is taken.
 *
 * <p>Tests {@code Task} as well.
 */
@LeavesNothing
class OverloadTest {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final AtomicInteger RUNS = new AtomicInteger();

  private static int load() {
    return 1;
  }

  private static int load(int id) {
    return id;
  }

  private static int read() throws IOException {
    return 2;
  }

  private static void save() throws IOException {
    RUNS.incrementAndGet();
  }

  private static void save(int id) throws IOException {
    RUNS.addAndGet(id);
  }

  private static void send() {
    RUNS.incrementAndGet();
  }

  @SuppressWarnings("TypeParameterUnusedInFormals")
  private static <T> T nothing() {
    return null;
  }

  @Test
  void a_fork_of_every_form() throws Exception {
    Callable<String> callable = () -> "callable";
    Runnable runnable = RUNS::incrementAndGet;
    Supplier<String> supplier = () -> "supplier";
    Action action = OverloadTest::save;
    Task<String, IOException> task = () -> "task";
    TaskAction<IOException> taskAction = OverloadTest::save;
    RUNS.set(0);
    Scopes.run(scope -> {
      Fork<Integer> overloaded = scope.fork(OverloadTest::load);
      Fork<Integer> named = scope.fork("named", OverloadTest::load);
      Fork<Integer> lambda = scope.fork(() -> load());
      Fork<Integer> checked = scope.fork(OverloadTest::read);
      Fork<String> generic = scope.fork(OverloadTest::nothing);
      Fork<String> ofCallable = scope.fork(callable);
      Fork<String> ofSupplier = scope.fork(supplier::get);
      Fork<String> ofTask = scope.fork(task);
      Fork<Void> ofRunnable = scope.fork(runnable::run);
      Fork<Void> ofAction = scope.fork(action);
      Fork<Void> ofTaskAction = scope.fork(taskAction);
      Fork<Void> ofVoid = scope.fork(() -> save());
      Fork<Void> ofReference = scope.fork(OverloadTest::send);
      Fork<Void> ofBlock = scope.fork(() -> {});
      List<Fork<String>> mapped = Stream.of(callable).<Fork<String>>map(scope::fork).toList();
      assertEquals(1, overloaded.join());
      assertEquals(1, named.join());
      assertEquals(1, lambda.join());
      assertEquals(2, checked.join());
      assertNull(generic.join());
      assertEquals("callable", ofCallable.join());
      assertEquals("supplier", ofSupplier.join());
      assertEquals("task", ofTask.join());
      assertEquals("callable", mapped.get(0).join());
      for (Fork<Void> fork :
          List.of(ofRunnable, ofAction, ofTaskAction, ofVoid, ofReference, ofBlock)) {
        assertNull(fork.join());
      }
    });
    assertEquals(5, RUNS.get());
  }

  @Test
  void a_shield_of_every_form() throws IOException, InterruptedException {
    RUNS.set(0);
    int overloaded = Scopes.shield(LONG, OverloadTest::load);
    int lambda = Scopes.shield(LONG, () -> read());
    String generic = Scopes.shield(LONG, OverloadTest::nothing);
    Scopes.shield(LONG, () -> save());
    Scopes.shield(LONG, OverloadTest::send);
    Scopes.shield(LONG, () -> {});
    assertEquals(3, overloaded + lambda);
    assertNull(generic);
    assertEquals(2, RUNS.get());
  }

  @Test
  void combinators_of_every_form() throws IOException, InterruptedException {
    RUNS.set(0);
    ScopeSpec spec = Scopes.named("forms").timeout(LONG);
    Scopes.forEach(List.of(1, 2), id -> save(id));
    Scopes.forEach(List.of(1, 2), OverloadTest::save);
    spec.forEach(List.of(1), id -> send());
    assertEquals(7, RUNS.getAndSet(0));
    Scopes.fanOut(() -> save(), () -> save(2));
    Scopes.fanOut(() -> save(), () -> save(), () -> send());
    Scopes.fanOut(OverloadTest::send, () -> send(), () -> send(), () -> send());
    spec.fanOut(() -> save(), () -> {}, () -> {}, () -> {}, () -> load());
    assertEquals(11, RUNS.get());
    int first = Scopes.race(() -> load(), () -> read());
    int alone = spec.race(OverloadTest::read);
    assertTrue(first == 1 || first == 2);
    assertEquals(2, alone);
    assertEquals(List.of(1, 2), Scopes.fanOut(Stream.of(1, 2), id -> load(id)));
    List<Integer> arrived = new ArrayList<>();
    Scopes.each(List.of(1), id -> load(id), arrived::add);
    spec.each(List.of(2), OverloadTest::load, id -> arrived.add(id));
    var outcomes = Scopes.settle(List.of(3), OverloadTest::load, o -> arrived.add(o.item()));
    assertEquals(List.of(3), Outcome.successes(outcomes));
    assertEquals(List.of(1, 2, 3), arrived);
    assertEquals(3, Scopes.fanOut(OverloadTest::load, OverloadTest::read, Integer::sum));
  }

  @Test
  void checked_exceptions_keep_their_types() throws InterruptedException {
    try {
      Scopes.each(
          List.of(1),
          id -> load(id),
          id -> {
            throw new SQLException("marker");
          });
    } catch (SQLException e) {
      assertEquals("marker", e.getMessage());
    }
    try {
      Scopes.fanOut(() -> {
        throw new IOException("marker");
      });
    } catch (IOException e) {
      assertEquals("marker", e.getMessage());
    }
  }

  @Test
  void specs_begin_with_any_setting() throws Exception {
    assertEquals("ScopeSpec[isolated]", Scopes.isolated().toString());
    assertEquals("ScopeSpec[hedge PT1S]", Scopes.hedge(Duration.ofSeconds(1)).toString());
    assertEquals("ScopeSpec[grace PT1S]", Scopes.grace(Duration.ofSeconds(1)).toString());
  }
}
