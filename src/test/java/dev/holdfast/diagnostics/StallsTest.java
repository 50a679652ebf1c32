package dev.holdfast.diagnostics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.Inspect;
import dev.holdfast.Scope;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.inspect.Report;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Look by look. */
@LeavesNothing
class StallsTest {

  private final Stalls stalls = new Stalls();

  private List<Report> look() {
    return stalls.look(Inspect.live(), System.nanoTime());
  }

  private static boolean waitsLong(Snapshot live) {
    return live.waitsFor() != null && live.waitsFor().age().compareTo(Stalls.AGE) > 0;
  }

  private static boolean isStalled() {
    return Inspect.live().stream()
        .filter(live -> live.name().equals("s"))
        .anyMatch(s -> waitsLong(s) && s.inside().stream().allMatch(StallsTest::waitsLong));
  }

  @Test
  void two_looks_have_to_agree_and_the_third_says_nothing_new() {
    var opened = new AtomicReference<Scope>();
    OnThread<Void> owner =
        OnThread.start(
            Thread.ofVirtual().factory(),
            () -> {
              Scopes.named("s")
                  .run(scope -> {
                    Channel<String> lines = scope.channel(0);
                    scope.fork("reader", () -> lines.receive());
                    opened.set(scope);
                  });
              return null;
            });
    try {
      Poll.until(StallsTest::isStalled);
      assertEquals(List.of(), look());
      List<Report> reports = List.of();
      for (int i = 0; i < 5 && reports.isEmpty(); i++) {
        reports = look(); // one that was interrupted is off by the time that took
      }
      assertEquals(1, reports.size(), reports::toString);
      assertEquals(Report.Kind.STALLED, reports.getFirst().kind());
      assertEquals(List.of(), look());
    } finally {
      opened.get().cancel("enough");
    }
    owner.value();
  }
}
