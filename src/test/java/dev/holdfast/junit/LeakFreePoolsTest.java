package dev.holdfast.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests {@code BaseFixtures}, {@code CommonPool}, {@code HttpClientThreads}, {@code JUnitVersion},
 * {@code NettyGroups}, {@code PoolWorkers}, {@code Pools}, {@code SharedFixtures}, {@code
 * StaticServers} and {@code ThreadCreations} as well.
 */
class LeakFreePoolsTest {

  @TempDir Path directory;

  @AfterEach
  void release() throws Exception {
    Held.release();
  }

  @Test
  @LeakFree(false) // its sample keeps them for the whole JVM
  void pools_and_servers_of_a_class_initializer_are_no_leaks() {
    Run.of(directory, PoolSamples.Statics.class).passes();
    Run.of(directory, PoolSamples.LazyStatic.class).passes();
  }

  @Test
  void a_task_in_the_pool_of_an_earlier_test_is_a_leak_and_an_idle_worker_is_none() {
    Map<String, Throwable> failures = Run.of(directory, PoolSamples.Earlier.class).failures();
    assertEquals(
        Set.of("d_leaves_a_task_in_it()", "c_starts_a_thread_from_inside()"), failures.keySet());
    String task = failures.get("d_leaves_a_task_in_it()").getMessage();
    assertTrue(task.contains("left 1 platform thread") && task.contains("Held.block("), task);
    String inside = failures.get("c_starts_a_thread_from_inside()").getMessage();
    assertTrue(inside.contains("'held-0'") && inside.contains("c_starts_a_thread"), inside);
  }

  @Test
  void fields_are_closed_before_the_check_and_proxies_can_be_defined() {
    Run.of(directory, PoolSamples.Neighbours.class).passes();
  }

  @Test
  void a_superclass_may_start_a_server_once_for_its_subclasses() {
    Class<?>[] users = {PoolSamples.OneUser.class, PoolSamples.AnotherUser.class};
    PoolSamples.Fixture.reset(false);
    Run.of(directory, Map.of(), users).passes();
    PoolSamples.Fixture.reset(true);
    String failure = Run.of(directory, Map.of(), users).failure("User");
    assertTrue(failure.contains("Fixture.startServer("), failure);
  }

  @Test
  void without_presets_the_thread_of_a_class_initializer_is_a_leak() {
    String failure = Run.of(directory, PoolSamples.NoPresets.class).failure("initializes");
    assertTrue(failure.contains("<clinit>"), failure);
  }

  @Test
  void creators_are_found_deep_in_the_stack_and_by_their_class() {
    String failure = Run.of(directory, PoolSamples.IgnoredPrefix.class).failure("another");
    assertTrue(failure.contains("1 platform thread"), failure);
  }

  @ParameterizedTest
  @ValueSource(strings = {"5.11.0", "5.14.4", "6.0.0-M1", "6.1.3"})
  void supported_releases_of_junit_need_no_warning(String version) {
    assertNull(JUnitVersion.problem(version));
  }

  @ParameterizedTest
  @ValueSource(strings = {"5.10.2", "4.13", "7.0.0"})
  void other_releases_of_junit_are_named(String version) {
    assertNotNull(JUnitVersion.problem(version));
    assertTrue(JUnitVersion.problem(version).contains("JUnit " + version));
  }

  @Test
  void an_unknown_release_of_junit_is_not_named() {
    assertNull(JUnitVersion.problem(null));
  }
}
