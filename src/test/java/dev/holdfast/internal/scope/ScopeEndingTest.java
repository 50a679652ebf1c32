package dev.holdfast.internal.scope;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.internal.scope.Settings.Policy;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;

/** What a scope does that runs out of memory while it ends. */
@LeavesNothing
class ScopeEndingTest {

  private final OutOfMemoryError full = new OutOfMemoryError("made up");
  private final List<String> log = new ArrayList<>();

  /** A worker that the scope can stop only at the third attempt, and whose closing fails. */
  private final class Full extends Attachment {

    private int left = 2;

    Full(ScopeImpl scope) {
      super(scope);
    }

    @Override
    public int running() {
      return log.contains("stopped") ? 0 : 1;
    }

    @Override
    public void stop() {
      if (left-- > 0) {
        throw full;
      }
      log.add("stopped");
    }

    @Override
    public void close(Consumer<Throwable> failures) {
      log.add("workers closed");
      throw full;
    }
  }

  @EachThreadKind
  void it_stops_its_tasks_and_closes_its_resources(ThreadFactory threads) throws Exception {
    Settings settings = Settings.DEFAULT.withFactory(threads);
    ScopeImpl scope = ScopeImpl.open(settings, Policy.BLOCK, this);
    scope.workers(Full::new);
    CloseActions.atEnd(scope, () -> log.add("resource closed"), log);
    assertSame(full, assertThrows(OutOfMemoryError.class, () -> scope.end(null)));
    assertEquals(0, scope.live());
    assertEquals(List.of("stopped", "workers closed", "resource closed"), log);
  }
}
