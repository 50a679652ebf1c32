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

/**
 * Tests {@code CodeOrigin}, {@code KnownThreads}, {@code Leak}, {@code LeakFreeExtension}, {@code
 * LeakFreeRules}, {@code LeakFreeSession}, {@code LeakJson}, {@code LeakRules}, {@code LeakSearch},
 * {@code LeakText}, {@code Leaks}, {@code PlatformThreads}, {@code Presets}, {@code
 * RepeatedSearch}, {@code TestExecution}, {@code TestExecutions}, {@code ThreadBinding}, {@code
 * ThreadBirths}, {@code ThreadCreation} and {@code ThreadIds} as well.
 */
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
  void a_test_without_leaks_passes() throws Exception {
    Run.of(directory, Samples.Clean.class).passes();
    try (var files = Files.list(directory)) {
      assertEquals(List.of(), files.toList());
    }
  }

  @Test
  void leaks_that_end_within_the_linger_time_are_ignored() {
    Run.of(directory, Samples.Late.class).passes();
  }

  @ParameterizedTest
  @CsvSource({
    "virtual_thread,1 virtual thread,startVirtual",
    "platform_thread,1 platform thread,startPlatform"
  })
  void a_leak_is_reported_with_its_stack_and_its_creator(
      String method, String what, String creator) {
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
  void leaks_with_the_same_stack_are_one_group() {
    String failure = Run.of(directory, Samples.Leaky.class, "twelve_threads").failure("twelve");
    contains(failure, "left 12 virtual threads running", "and 7 more");
    assertEquals(2, failure.split("12 virtual threads", -1).length - 1, failure);
    assertEquals(2, failure.split("Held.block\\(", -1).length, failure);
  }

  @Test
  void a_task_in_the_common_pool_is_a_leak() {
    String failure = Run.of(directory, Samples.Leaky.class, "busy_common_pool").failure("busy");
    contains(failure, "1 platform thread", "Held.block(");
  }

  @Test
  void a_pool_that_is_not_closed_is_a_leak() {
    String failure =
        Run.of(directory, Samples.Leaky.class, "pool_nobody_closes").failure("pool_nobody");
    contains(failure, "1 platform thread", "pool_nobody_closes(");
  }

  @Test
  void a_scope_is_reported_with_everything_in_it() {
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
  void a_scope_on_a_thread_of_the_test_is_reported() {
    String failure =
        Run.of(directory, Samples.Leaky.class, "scope_on_a_thread_of_its_own").failure("scope_on");
    contains(failure, "left 1 scope and 1 platform thread running", "Scope 'left-scope'");
  }

  @Test
  void threads_from_before_the_test_are_no_leak() {
    Held.startPlatform(Held::block);
    Held.startVirtual(Held::block);
    Run.of(directory, Samples.Existing.class).passes();
  }

  @Test
  void as_many_new_threads_as_ended_ones_are_leaks() {
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
  void threads_are_ignored_by_their_top_frame() throws Exception {
    String failure = Run.of(directory, Samples.IgnoredTop.class).failure("not_the_top");
    contains(failure, "1 platform thread");
  }

  @Test
  void threads_are_ignored_by_any_frame() {
    contains(Run.of(directory, Samples.IgnoredAny.class).failure("begins_alike"), "1 platform");
  }

  @Test
  void threads_are_ignored_by_their_creator() {
    contains(Run.of(directory, Samples.IgnoredCreator.class).failure("platform"), "1 platform");
  }

  @Test
  void rules_of_superclasses_and_outer_classes_are_merged() {
    String failure = Run.of(directory, Samples.RulesMerged.class).failure("not_that");
    contains(failure, "1 platform thread", "'method-2'");
  }

  @Test
  void a_test_with_false_is_not_checked() {
    Run.of(directory, Samples.Off.class).passes();
  }

  @Test
  void a_class_is_checked_as_a_whole() {
    Samples.PerClass.leak = false;
    Run.of(directory, Samples.PerClass.class).passes();
    Samples.PerClass.leak = true;
    contains(Run.of(directory, Samples.PerClass.class).failure("PerClass"), "1 virtual thread");
  }

  @Test
  void leaks_of_before_all_fail_the_class() {
    contains(
        Run.of(directory, Samples.LeftByClass.class).failure("LeftByClass"),
        "LeftByClass left 1 platform thread and 1 virtual thread running");
  }

  @Test
  void before_each_and_after_each_belong_to_the_test() {
    Run.of(directory, Samples.Lifecycle.class).passes();
  }

  @Test
  void every_test_is_checked_when_extensions_are_detected() {
    Run.of(directory, Samples.Plain.class).passes();
    Map<String, String> detect = Map.of("junit.jupiter.extensions.autodetection.enabled", "true");
    contains(Run.of(directory, detect, Samples.Plain.class).failure("leaks"), "1 virtual thread");
  }

  @Test
  void registering_the_extension_twice_changes_nothing() throws Exception {
    Map<String, String> detect = Map.of("junit.jupiter.extensions.autodetection.enabled", "true");
    assertEquals(2, Run.of(directory, detect, Samples.Repeated.class).failures().size());
    Run.of(directory, detect, Samples.Clean.class).passes();
  }

  @Test
  void of_two_parallel_tests_only_the_leaking_one_fails() {
    Samples.Parallel.meet = new CyclicBarrier(2);
    String failure = Run.of(directory, IN_PARALLEL, Samples.Parallel.class).failure("leaks");
    contains(
        failure, "left 1 scope, 1 platform thread and 1 virtual thread running", "'left-root'");
  }

  @Test
  void a_leak_of_unknown_origin_fails_the_class_of_parallel_tests() {
    Samples.Parallel.meet = new CyclicBarrier(2);
    contains(
        Run.of(directory, IN_PARALLEL, Samples.Unknown.class).failure("Samples$Unknown"),
        "1 virtual thread",
        "Held.block(",
        "one of these tests, or by a thread that one of them left:"
            + " dev.holdfast.junit.Samples$Unknown.one, dev.holdfast.junit.Samples$Unknown.two\n");
  }

  @Test
  void a_thread_that_a_left_thread_creates_during_another_test_is_blamed_on_neither_alone() {
    Map<String, Throwable> failures = Run.of(directory, Samples.Heirs.class).failures();
    lacks(failures.get("a_leaves_a_thread()").getMessage(), "one of these tests");
    contains(
        failures.get("b_is_innocent()").getMessage(),
        "1 platform thread",
        "Samples$Heirs.a_leaves_a_thread, dev.holdfast.junit.Samples$Heirs.b_is_innocent");
  }

  @Test
  void a_leak_of_unknown_origin_in_parallel_classes_is_reported_at_the_end() {
    Samples.Parallel.meet = new CyclicBarrier(2);
    contains(
        Run.of(directory, IN_PARALLEL, Samples.UnknownHere.class, Samples.UnknownThere.class)
            .failure("junit-jupiter"),
        "1 virtual thread",
        "UnknownHere.one, dev.holdfast.junit.Samples$UnknownThere.two",
        "Held.block(");
  }

  @Test
  void reports_are_written_as_text_and_json() throws Exception {
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
  void each_invocation_has_its_files_and_those_of_passing_tests_are_deleted() throws Exception {
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
  void invalid_options_are_refused(Class<?> sample) {
    Throwable thrown = Run.of(directory, sample).thrown("bad");
    assertInstanceOf(ExtensionConfigurationException.class, thrown);
    contains(thrown.getMessage(), "@LeakFree on ", "bad()");
  }

  @Test
  void the_context_class_loader_is_restored() {
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    Run.of(directory, Samples.Clean.class).passes();
    assertEquals(before, Thread.currentThread().getContextClassLoader());
  }
}
