package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.inspect.Report;
import dev.holdfast.testing.HostileNames;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Warnings;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** No name reaches a log, a message or a terminal as more than text. */
@LeavesNothing
class HostileNamesTest {

  @RegisterExtension final Warnings warnings = new Warnings();

  private static void isText(String text, int lines) {
    assertFalse(HostileNames.isActive(text), text);
    assertEquals(lines, text.lines().count(), text);
  }

  @Test
  void a_tree_of_scopes_has_a_line_for_each() throws Exception {
    for (String name : HostileNames.ALL) {
      Scopes.named(name)
          .run(scope -> {
            var begun = new CountDownLatch(1);
            scope.fork(
                name,
                () -> {
                  begun.countDown();
                  new CountDownLatch(1).await();
                });
            begun.await();
            isText(scope.toString(), 2);
            scope.cancel("seen");
          });
    }
  }

  @Test
  void a_message_of_an_exception_has_no_name_as_it_is() {
    for (String name : HostileNames.ALL) {
      ScopeTimeoutException late =
          assertThrows(
              ScopeTimeoutException.class,
              () ->
                  Scopes.named(name)
                      .timeout(Duration.ofMillis(1))
                      .run(scope -> new CountDownLatch(1).await()));
      assertFalse(HostileNames.isActive(late.getMessage()), late.getMessage());
    }
  }

  @Test
  void the_log_escapes_what_a_report_says() {
    for (String name : HostileNames.ALL) {
      Inspect.report(new Report(Report.Kind.STUCK, name, List.of(name), "'" + name + "'"));
    }
    assertEquals(HostileNames.ALL.size(), warnings.count());
    for (String text : warnings.messages()) {
      assertFalse(HostileNames.isActive(text), text);
    }
  }
}
