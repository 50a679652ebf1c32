package dev.holdfast.internal.util;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Scopes;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

@LeavesNothing
class StackTracesTest {

  private static StackTraceElement[] stack(String... methods) {
    return Stream.of(methods)
        .map(m -> {
          int dot = m.lastIndexOf('.');
          return new StackTraceElement(m.substring(0, dot), m.substring(dot + 1), "F.java", 1);
        })
        .toArray(StackTraceElement[]::new);
  }

  private static List<String> shown(String... methods) {
    return StackTraces.format(stack(methods))
        .lines()
        .filter(line -> !line.isBlank())
        .map(line -> line.strip().replace("at ", "").replace("(F.java:1)", ""))
        .toList();
  }

  private static final String LIBRARY = "dev.holdfast.internal.scope.ScopeTask.call";

  @Test
  void begins_with_the_call_by_which_user_code_entered_the_jdk() {
    assertEquals(
        List.of("java.lang.Thread.sleep", "com.acme.App.load", "com.acme.App.main"),
        shown(
            "java.lang.VirtualThread.park",
            "java.lang.Thread.sleep",
            "com.acme.App.load",
            "com.acme.App.main"));
  }

  @Test
  void begins_with_the_operation_of_the_library_that_user_code_called() {
    assertEquals(
        List.of("dev.holdfast.Fork.join", "com.acme.App.load", LIBRARY),
        shown(
            "java.lang.VirtualThread.park",
            "dev.holdfast.Fork.join",
            "com.acme.App.load",
            LIBRARY));
  }

  @Test
  void the_first_frame_of_the_application_is_shown_below_a_deep_driver() {
    assertEquals(
        List.of(
            "sun.nio.ch.NioSocketImpl.read",
            "org.postgresql.Stream.read",
            "org.postgresql.Stream.fill",
            "org.postgresql.Query.run",
            "org.postgresql.Query.execute",
            "...",
            "com.acme.Dao.load",
            "...",
            "com.acme.web.App.lambda$orders$1"),
        shown(
            "sun.nio.ch.Net.poll",
            "sun.nio.ch.NioSocketImpl.read",
            "org.postgresql.Stream.read",
            "org.postgresql.Stream.fill",
            "org.postgresql.Query.run",
            "org.postgresql.Query.execute",
            "org.postgresql.Statement.execute",
            "com.zaxxer.Proxy.execute",
            "com.acme.Dao.load",
            "com.acme.Dao.cached",
            "com.acme.web.App.lambda$orders$1",
            LIBRARY,
            "java.lang.VirtualThread.run"));
  }

  @Test
  void the_application_is_what_the_innermost_scope_called() {
    assertEquals(
        List.of(
            "java.net.Socket.read",
            "org.driver.A.a",
            "org.driver.A.b",
            "org.driver.A.c",
            "org.driver.A.d",
            "...",
            "com.acme.Inner.body"),
        shown(
            "java.net.Socket.read",
            "org.driver.A.a",
            "org.driver.A.b",
            "org.driver.A.c",
            "org.driver.A.d",
            "org.driver.A.e",
            "com.acme.Inner.body",
            LIBRARY,
            "org.junit.Runner.run"));
  }

  @Test
  void user_code_alone_includes_the_application_below_a_deep_driver() {
    String text =
        StackTraces.formatUserCode(
            stack(
                "java.net.Socket.read",
                "dev.holdfast.Fork.join",
                "org.driver.A.a",
                "java.util.List.forEach",
                "org.driver.A.b",
                "org.driver.A.c",
                "org.driver.A.d",
                "org.driver.A.e",
                "org.driver.A.f",
                "com.acme.App.body",
                LIBRARY));
    assertFalse(text.contains("java.") || text.contains("dev.holdfast."), text);
    assertTrue(text.contains("org.driver.A.e"), text);
    assertFalse(text.contains("org.driver.A.f"), text);
    assertTrue(text.contains("com.acme.App.body"), text);
  }

  @Test
  void classes_without_a_package_are_an_application_too() {
    assertTrue(
        shown(
                "java.A.a",
                "org.d.A.a",
                "org.d.A.b",
                "org.d.A.c",
                "org.d.A.d",
                "org.d.A.e",
                "Main.body",
                LIBRARY)
            .contains("Main.body"));
  }

  @Test
  void a_stack_without_user_code_is_shown_from_its_top() {
    assertEquals(List.of("java.A.a", LIBRARY, "java.B.b"), shown("java.A.a", LIBRARY, "java.B.b"));
  }

  @Test
  void a_thread_that_has_not_begun_says_so() {
    assertTrue(StackTraces.of(new Thread(() -> {})).contains("about to run"));
    assertEquals("", StackTraces.of(null));
  }

  @Test
  void a_deep_call_of_a_live_thread_is_shown() {
    var release = new CountDownLatch(1);
    OnThread<Void> call =
        OnThread.run(() -> Scopes.run(scope -> Arrays.asList(1).forEach(i -> deep(20, release))));
    try {
      String text = StackTraces.of(call.blocked().thread());
      assertTrue(text.contains("CountDownLatch.await"), text);
      assertTrue(text.contains("StackTracesTest.deep"), text);
    } finally {
      release.countDown();
      call.end();
    }
  }

  private static void deep(int depth, CountDownLatch release) {
    if (depth > 0) {
      deep(depth - 1, release);
    } else {
      LawFixtures.awaitUninterruptibly(release);
    }
  }
}
