package dev.holdfast.doc;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Deadline;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Reports show frames of code outside the library. */
class ReportTest {

  @Test
  void a_report_shows_the_application_frame_of_a_blocked_task() throws Exception {
    Pace.find(time -> {
      var inTime = new AtomicBoolean();
      ScopeTimeoutException thrown =
          assertThrows(
              ScopeTimeoutException.class,
              () ->
                  Scopes.timeout(time)
                      .run(scope -> {
                        Deadline deadline = Scopes.deadline();
                        Channel<Integer> channel = scope.channel(0);
                        scope.fork("sender", () -> channel.send(1));
                        Poll.until(
                            () -> channel.stats().waitingSenders() == 1 || deadline.isExpired());
                        inTime.set(!deadline.isExpired());
                      }));
      if (inTime.get()) {
        assertTrue(thrown.toString().contains(ReportTest.class.getName()), thrown.toString());
        assertTrue(thrown.toString().contains("send"), thrown.toString());
      }
      return inTime.get();
    });
  }
}
