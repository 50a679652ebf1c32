package dev.holdfast.internal.scope;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Deadline;
import dev.holdfast.testing.Poll;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class SettingsTest {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final ThreadFactory FACTORY = Thread.ofVirtual().factory();

  /** All settings differ from the default. */
  private static final Settings ALL =
      Settings.DEFAULT
          .withName("shop")
          .withTimeout(SECOND)
          .withDeadline(Deadline.after(Duration.ofSeconds(2)))
          .withLimit(3)
          .withIsolated()
          .withHedge(Duration.ofSeconds(4))
          .withItemTimeout(Duration.ofSeconds(5))
          .withGrace(Duration.ofSeconds(6))
          .withFactory(FACTORY)
          .withOnDiscarded(SettingsTest::drop);

  private static void drop(Object value) {}

  private static List<String> differences(Settings a, Settings b) throws Exception {
    var names = new ArrayList<String>();
    for (RecordComponent part : Settings.class.getRecordComponents()) {
      Object left = part.getAccessor().invoke(a);
      if (left == null
          ? part.getAccessor().invoke(b) != null
          : !left.equals(part.getAccessor().invoke(b))) {
        names.add(part.getName());
      }
    }
    return names;
  }

  @Test
  void each_method_changes_its_own_setting_only() throws Exception {
    assertEquals(
        Settings.class.getRecordComponents().length, differences(Settings.DEFAULT, ALL).size());
    assertEquals(List.of("name"), differences(ALL, ALL.withName("other")));
    assertEquals(List.of("timeout"), differences(ALL, ALL.withTimeout(Duration.ZERO)));
    assertEquals(List.of("deadline"), differences(ALL, ALL.withDeadline(Deadline.NONE)));
    assertEquals(List.of("limit"), differences(ALL, ALL.withLimit(1)));
    assertEquals(
        List.of("isolated"), differences(Settings.DEFAULT, Settings.DEFAULT.withIsolated()));
    assertEquals(List.of("hedge"), differences(ALL, ALL.withHedge(Duration.ZERO)));
    assertEquals(List.of("itemTimeout"), differences(ALL, ALL.withItemTimeout(Duration.ZERO)));
    assertEquals(List.of("grace"), differences(ALL, ALL.withGrace(Duration.ZERO)));
    assertEquals(List.of("factory"), differences(ALL, ALL.withFactory(r -> null)));
    assertEquals(List.of("onDiscarded"), differences(ALL, ALL.withOnDiscarded(v -> {})));
  }

  @Test
  void an_item_and_an_inner_scope_keep_the_grace_and_the_factory() throws Exception {
    Settings item = ALL.ofItem(SECOND);
    assertEquals(
        List.of("deadline", "limit", "isolated", "hedge", "itemTimeout"), differences(ALL, item));
    Settings inner = ALL.inside("inner");
    assertEquals("inner", inner.name());
    assertNull(inner.timeout());
    assertSame(FACTORY, inner.factory());
    assertEquals(ALL.grace(), inner.grace());
    assertNull(inner.onDiscarded());
  }

  @Test
  void a_deadline_starts_with_the_scope_and_the_earlier_one_counts() {
    assertSame(Deadline.NONE, Settings.DEFAULT.startDeadline());
    Duration left = ALL.startDeadline().remaining();
    assertTrue(left.compareTo(SECOND) <= 0, left::toString);
    Deadline passed = Deadline.after(Duration.ofNanos(1));
    Poll.until(passed::isExpired);
    assertTrue(ALL.withDeadline(passed).startDeadline().isExpired());
  }

  @Test
  void a_setting_that_does_not_apply_is_refused_by_name() {
    Settings hedged = Settings.DEFAULT.withHedge(SECOND);
    Settings isolated = Settings.DEFAULT.withIsolated();
    refuses("hedge does not apply to call", () -> hedged.refuseForBody("call"));
    refuses("hedge does not apply to fanOut", () -> hedged.refuseFor("fanOut"));
    refuses("isolated does not apply to fanOut", () -> isolated.refuseFor("fanOut"));
    refuses(
        "itemTimeout does not apply to run",
        () -> Settings.DEFAULT.withItemTimeout(SECOND).refuseForBody("run"));
    assertDoesNotThrow(() -> isolated.refuseForBody("call"));
    assertDoesNotThrow(() -> Settings.DEFAULT.withItemTimeout(SECOND).refuseFor("fanOut"));
  }

  private static void refuses(String message, Executable check) {
    var thrown = assertThrows(IllegalStateException.class, check);
    assertTrue(thrown.getMessage().startsWith(message + ":"), thrown.getMessage());
  }

  @Test
  void the_description_has_what_differs_from_the_default() {
    assertEquals("", Settings.DEFAULT.describe());
    assertEquals(
        "named a, timeout PT1S, limit 2, isolated, hedge PT1S, item timeout PT1S, grace PT1S",
        Settings.DEFAULT
            .withName("a")
            .withTimeout(SECOND)
            .withLimit(2)
            .withIsolated()
            .withHedge(SECOND)
            .withItemTimeout(SECOND)
            .withGrace(SECOND)
            .describe());
    assertTrue(ALL.describe().contains("threads from "), ALL::describe);
    assertEquals(4_000_000_000L, ALL.hedgeNanos());
    assertEquals(0, Settings.DEFAULT.hedgeNanos());
  }
}
