package dev.holdfast.groovy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.testing.LeavesNothing;
import groovy.lang.GroovyShell;
import groovy.transform.CompileStatic;
import java.util.List;
import org.codehaus.groovy.control.CompilerConfiguration;
import org.codehaus.groovy.control.customizers.ASTTransformationCustomizer;
import org.codehaus.groovy.control.customizers.ImportCustomizer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Groovy code that passes closures to overloaded methods, compiled for dynamic and static calls.
 *
 * <p>Tests {@code StaticClosures}, {@code Combination} and {@code OrNone} as well.
 */
@LeavesNothing
class ClosuresTest {

  private static @Nullable Object run(String body, boolean statically) {
    var configuration = new CompilerConfiguration();
    configuration.addCompilationCustomizers(
        new ImportCustomizer().addStarImports("dev.holdfast", "java.time", "java.util.concurrent"));
    if (statically) {
      configuration.addCompilationCustomizers(new ASTTransformationCustomizer(CompileStatic.class));
    }
    return new GroovyShell(configuration)
        .evaluate("Object body() throws Exception { " + body + " }\nbody()");
  }

  private static void bothGive(@Nullable Object expected, String body) {
    assertEquals(expected, run(body, false), body);
    assertEquals(expected, run(body, true), body);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ it.ready(7) }",
        "{ self -> self.ready(7) }",
        "{ Worker<Integer> self -> self.ready(7) }"
      })
  void a_worker_with_a_parameter_gets_its_handle(String body) {
    for (String more :
        List.of("", "'n', ", "Restart.onFailure(), ", "'n', Restart.onFailure(), ")) {
      String call = "scope.worker(" + more + body + ").awaitReady()";
      bothGive(7, "Scopes.call { Scope scope -> " + call + " }");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{ done.countDown() }", "{ -> done.countDown() }"})
  void a_worker_may_ignore_its_handle(String body) {
    for (String more :
        List.of("", "'n', ", "Restart.onFailure(), ", "'n', Restart.onFailure(), ")) {
      bothGive(
          0L,
          "def done = new CountDownLatch(1);"
              + " Scopes.run { Scope scope -> scope.worker("
              + more
              + body
              + ").join() }; return done.getCount()");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Scopes", "Scopes.named('a')"})
  void a_race_of_two_returns_the_first_result(String spec) {
    bothGive(1, spec + ".race({ 1 }, { new CountDownLatch(1).await(); 2 })");
    bothGive(1, spec + ".race({ -> new CountDownLatch(1).await(); 2 }, { -> 1 })");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Scopes", "Scopes.named('a')"})
  void two_to_six_actions_all_run(String spec) {
    for (int n = 2; n <= 6; n++) {
      for (String action : List.of("{ done.countDown() }", "{ -> done.countDown() }")) {
        String actions = String.join(", ", java.util.Collections.nCopies(n, action));
        bothGive(
            0L,
            "def done = new CountDownLatch("
                + n
                + "); "
                + spec
                + ".fanOut("
                + actions
                + "); return done.getCount()");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Scopes", "Scopes.named('a')"})
  void a_last_closure_with_a_parameter_for_each_result_combines_them(String spec) {
    bothGive(3, spec + ".fanOut({ 1 }, { 2 }) { a, b -> a + b }");
    bothGive("1x", spec + ".fanOut({ 1 }, { 'x' }) { a, b -> a.toString() + b.concat('') }");
    bothGive(6, spec + ".fanOut({ 1 }, { 2 }, { 3 }) { a, b, c -> a + b + c }");
    bothGive(10, spec + ".fanOut({ 1 }, { 2 }, { 3 }, { 4 }) { a, b, c, d -> a + b + c + d }");
    bothGive(
        15,
        spec + ".fanOut({ 1 }, { 2 }, { 3 }, { 4 }, { 5 }) { a, b, c, d, e -> a + b + c + d + e }");
  }

  @Test
  void a_shield_returns_the_result() {
    bothGive(7, "Scopes.shield(Duration.ofSeconds(50)) { 7 }");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Scopes.race({ throw new IOException('no') }, { throw new IOException('no') })",
        "Scopes.fanOut({ throw new IOException('no') }, { 1 })",
        "Scopes.fanOut({ 1 }, { 2 }) { a, b -> throw new IOException('no') }",
        "Scopes.shield(Duration.ofSeconds(50)) { throw new IOException('no') }",
      })
  void the_exception_of_a_closure_is_thrown(String call) {
    for (boolean statically : new boolean[] {false, true}) {
      var thrown = assertThrows(java.io.IOException.class, () -> run(call, statically), call);
      assertEquals("no", thrown.getMessage());
    }
  }

  @Test
  void a_closure_that_is_null_is_refused() {
    assertRefused("body", "Scopes.run { Scope scope -> scope.worker((Closure) null) }");
    assertRefused("a", "Scopes.race((Closure) null, { 1 })");
    assertRefused("b", "Scopes.fanOut({ 1 }, (Closure) null)");
    assertRefused("c", "Scopes.fanOut({ 1 }, { 2 }, (Closure) null)");
    assertRefused("cleanup", "Scopes.shield(Duration.ofSeconds(50), (Closure) null)");
  }

  private static void assertRefused(String parameter, String call) {
    var thrown = assertThrows(NullPointerException.class, () -> run(call, true), call);
    assertEquals(parameter, thrown.getMessage(), call);
  }

  @Test
  void a_scope_without_a_name_is_not_named_after_a_proxy() {
    assertEquals("closure", run("Scopes.call { scope -> scope.name() }", false));
  }
}
