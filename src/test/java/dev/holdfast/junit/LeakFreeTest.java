package dev.holdfast.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.diagnostics.json.JsonReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LeakFreeTest {

  private static final Map<String, String> IN_PARALLEL =
      Map.of(
          "junit.jupiter.execution.parallel.enabled", "true",
          "junit.jupiter.execution.parallel.mode.default", "concurrent",
          "junit.jupiter.execution.parallel.config.strategy", "fixed",
          "junit.jupiter.execution.parallel.config.fixed.parallelism", "2");

  @TempDir Path directory;

  @AfterEach
  void release() throws Exception {
    Held.release();
  }

  private static void contains(String text, String... parts) {
    for (String part : parts) {
      assertTrue(text.contains(part), () -> "no '" + part + "' in:\n" + text);
    }
  }

  private static void lacks(String text, String... parts) {
    for (String part : parts) {
      assertFalse(text.contains(part), () -> "'" + part + "' in:\n" + text);
    }
  }

  @Test
  void is_silent_when_nothing_is_left() throws Exception {
    Run.of(directory, Samples.Clean.class).passes();
    try (var files = Files.list(directory)) {
      assertEquals(List.of(), files.toList());
    }
  }

  @Test
  void waits_for_threads_that_are_about_to_end() {
    Run.of(directory, Samples.Late.class).passes();
  }

  @ParameterizedTest
  @CsvSource({
    "virtual_thread,1 virtual thread,startVirtual",
    "platform_thread,1 platform thread,startPlatform"
  })
  void names_what_a_thread_does_and_who_created_it(String method, String what, String creator) {
    String failure = Run.of(directory, Samples.Leaky.class, method).failure(method);
    contains(
        failure,
        "Samples$Leaky." + method + " left " + what + " running",
        "Held.block(",
        "created by\n",
        "Held." + creator + "(",
        "Samples$Leaky." + method + "(");
  }

  @Test
  void counts_and_groups() {
    String failure = Run.of(directory, Samples.Leaky.class, "twelve_threads").failure("twelve");
    contains(failure, "left 12 virtual threads running", "and 7 more");
    assertEquals(2, failure.split("12 virtual threads", -1).length - 1, failure);
    assertEquals(2, failure.split("Held.block\\(", -1).length, failure);
  }

  @Test
  void sees_what_runs_in_the_common_pool() {
    String failure = Run.of(directory, Samples.Leaky.class, "busy_common_pool").failure("busy");
    contains(failure, "1 platform thread", "Held.block(");
  }

  @Test
  void sees_a_pool_that_nobody_closes() {
    String failure =
        Run.of(directory, Samples.Leaky.class, "pool_nobody_closes").failure("pool_nobody");
    contains(failure, "1 platform thread", "pool_nobody_closes(");
  }

  @Test
  void names_a_scope_and_what_is_in_it() {
    String failure = Run.of(directory, Samples.Leaky.class, "root").failure("root");
    contains(
        failure,
        "left 1 scope, 1 task, 1 worker, 1 channel, 1 resource and 1 timer running",
        "an action of Samples",
        "'left-root'",
        "'left-worker'",
        "'left-task'",
        "├─ ",
        "Held.block(");
    lacks(failure, "virtual thread");
  }

  @Test
  void names_a_scope_on_a_thread_of_the_test() {
    String failure =
        Run.of(directory, Samples.Leaky.class, "scope_on_a_thread_of_its_own").failure("scope_on");
    contains(failure, "left 1 scope and 1 platform thread running", "Scope 'left-scope'");
  }

  @Test
  void takes_threads_from_before_for_what_they_are() {
    Held.startPlatform(Held::block);
    Held.startVirtual(Held::block);
    Run.of(directory, Samples.Existing.class).passes();
  }

  @Test
  void new_threads_do_not_hide_behind_old_ones_that_ended() {
    for (int i = 0; i < 5; i++) {
      Samples.Reuse.BEFORE.add(
          Held.startPlatform(() -> {
            try {
              Samples.Reuse.END_BEFORE.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          }));
    }
    contains(Run.of(directory, Samples.Reuse.class).failure("leaves"), "5 platform threads");
  }

  @Test
  void ignores_by_top_frame() throws Exception {
    String failure = Run.of(directory, Samples.IgnoredTop.class).failure("not_the_top");
    contains(failure, "1 platform thread");
  }

  @Test
  void ignores_by_any_frame() {
    contains(Run.of(directory, Samples.IgnoredAny.class).failure("begins_alike"), "1 platform");
  }

  @Test
  void ignores_by_creator() {
    contains(Run.of(directory, Samples.IgnoredCreator.class).failure("platform"), "1 platform");
  }

  @Test
  void merges_rules_down_the_hierarchy() {
    String failure = Run.of(directory, Samples.RulesMerged.class).failure("not_that");
    contains(failure, "1 platform thread", "'method-2'");
  }

  @Test
  void is_off_where_it_is_told_so() {
    Run.of(directory, Samples.Off.class).passes();
  }

  @Test
  void checks_a_class_as_a_whole() {
    Samples.PerClass.leak = false;
    Run.of(directory, Samples.PerClass.class).passes();
    Samples.PerClass.leak = true;
    contains(Run.of(directory, Samples.PerClass.class).failure("PerClass"), "1 virtual thread");
  }

  @Test
  void blames_the_class_for_what_no_test_has_started() {
    contains(
        Run.of(directory, Samples.LeftByClass.class).failure("LeftByClass"),
        "LeftByClass left 1 platform thread and 1 virtual thread running");
  }

  @Test
  void the_methods_around_a_test_belong_to_it() {
    Run.of(directory, Samples.Lifecycle.class).passes();
  }

  @Test
  void every_test_is_checked_when_extensions_are_detected() {
    Run.of(directory, Samples.Plain.class).passes();
    Map<String, String> detect = Map.of("junit.jupiter.extensions.autodetection.enabled", "true");
    contains(Run.of(directory, detect, Samples.Plain.class).failure("leaks"), "1 virtual thread");
  }

  @Test
  void being_registered_twice_is_as_once() throws Exception {
    Map<String, String> detect = Map.of("junit.jupiter.extensions.autodetection.enabled", "true");
    assertEquals(2, Run.of(directory, detect, Samples.Repeated.class).failures().size());
    Run.of(directory, detect, Samples.Clean.class).passes();
  }

  @Test
  void only_the_test_that_leaks_fails_when_two_run_at_once() {
    Samples.Parallel.meet = new CyclicBarrier(2);
    String failure = Run.of(directory, IN_PARALLEL, Samples.Parallel.class).failure("leaks");
    contains(failure, "left 1 scope, 1 platform thread and 1 virtual thread running", "'left-root'");
  }

  @Test
  void the_class_is_blamed_for_what_may_be_of_any_of_its_tests() {
    Samples.Parallel.meet = new CyclicBarrier(2);
    contains(
        Run.of(directory, IN_PARALLEL, Samples.Unknown.class).failure("Samples$Unknown"),
        "1 virtual thread",
        "Held.block(");
  }

  @Test
  void what_may_be_of_any_class_is_told_when_the_run_ends() {
    Samples.Parallel.meet = new CyclicBarrier(2);
    contains(
        Run.of(directory, IN_PARALLEL, Samples.UnknownHere.class, Samples.UnknownThere.class)
            .failure("junit-jupiter"),
        "1 virtual thread",
        "Held.block(");
  }

  @Test
  void writes_text_and_json() throws Exception {
    String failure = Run.of(directory, Samples.Leaky.class, "root").failure("root");
    Path text = directory.resolve(Samples.Leaky.class.getName() + ".root.txt");
    contains(failure, text.toString());
    contains(Files.readString(text), "Scope 'left-root'", "'left-worker'", "Held.block(");
    var json =
        (Map<?, ?>)
            JsonReader.parse(
                Files.readString(directory.resolve(Samples.Leaky.class.getName() + ".root.json")));
    assertEquals(Samples.Leaky.class.getName() + ".root", json.get("of"));
    assertEquals((long) ((List<?>) json.get("groups")).size(), json.get("count"));
    assertEquals("left-root", ((Map<?, ?>) ((List<?>) json.get("scopes")).getFirst()).get("name"));
  }

  @Test
  void writes_files_for_each_invocation_and_deletes_those_of_tests_that_pass() throws Exception {
    Run.of(directory, Samples.Repeated.class);
    Path first = directory.resolve(Samples.Repeated.class.getName() + ".leaks#1.txt");
    assertTrue(Files.exists(first));
    assertTrue(Files.exists(directory.resolve(Samples.Repeated.class.getName() + ".leaks#2.json")));
    Path old = directory.resolve(Samples.Clean.class.getName() + ".does_nothing.txt");
    Files.writeString(old, "old");
    Run.of(directory, Samples.Clean.class).passes();
    assertFalse(Files.exists(old));
    assertTrue(Files.exists(first));
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        Samples.BadMethodName.class,
        Samples.BadFileName.class,
        Samples.BadPrefix.class,
        Samples.BadLinger.class,
        Samples.BadPer.class
      })
  void refuses_options_that_make_no_sense(Class<?> sample) {
    Throwable thrown = Run.of(directory, sample).thrown("bad");
    assertInstanceOf(ExtensionConfigurationException.class, thrown);
    contains(thrown.getMessage(), "@LeakFree on ", "bad()");
  }

  @Test
  void puts_the_class_loader_back() {
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    Run.of(directory, Samples.Clean.class).passes();
    assertEquals(before, Thread.currentThread().getContextClassLoader());
  }
}
