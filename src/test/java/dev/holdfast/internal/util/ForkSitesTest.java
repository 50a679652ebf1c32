package dev.holdfast.internal.util;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Inspect;
import dev.holdfast.Scopes;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ForkSitesTest {

  @AfterEach
  void off() {
    ForkSites.record(false);
  }

  @Test
  void nothing_is_recorded_unless_it_is_switched_on() {
    assertEquals(List.of(), ForkSites.here());
    Inspect.recordForkSites(true);
    assertFalse(ForkSites.here().isEmpty());
    Inspect.recordForkSites(false);
    assertEquals(List.of(), ForkSites.here());
  }

  @Test
  void the_first_frame_is_that_of_the_caller_and_there_are_eight_at_most() {
    ForkSites.record(true);
    List<StackTraceElement> site = deeply(20);
    assertEquals("deeply", site.getFirst().getMethodName());
    assertEquals(8, site.size());
  }

  private static List<StackTraceElement> deeply(int calls) {
    return calls == 0 ? ForkSites.here() : deeply(calls - 1);
  }

  /** The library and the JDK stand between the caller and the walk. */
  @Test
  void the_frame_of_the_user_is_the_innermost_that_is_neither_of_the_jdk_nor_of_the_library()
      throws Exception {
    String direct = ForkSites.userFrame();
    assertTrue(direct.contains("ForkSitesTest.the_frame_of_the_user"), direct);
    Callable<String> reference = ForkSites::userFrame;
    String inScope = Scopes.call(scope -> reference.call());
    assertTrue(inScope.contains("ForkSitesTest"), inScope);
  }
}
