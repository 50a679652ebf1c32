package dev.holdfast.testing;

import dev.holdfast.Action;
import dev.holdfast.RootScope;
import dev.holdfast.internal.util.Throwables;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The base class of the tests of roots. */
@LeavesNothing
public abstract class RootFixture {

  @RegisterExtension public final Warnings warnings = new Warnings();

  public final List<String> log = Collections.synchronizedList(new ArrayList<>());
  public final CountDownLatch up = new CountDownLatch(1);
  public final CountDownLatch go = new CountDownLatch(1);

  @AfterEach
  public void release() {
    go.countDown();
  }

  public final void blockedWorker(RootScope root) throws InterruptedException {
    root.run(scope -> scope.worker("w", blocked(up)));
    up.await();
  }

  /** {@return code that blocks until it is stopped, and logs that} */
  public final Action blocked(CountDownLatch begun) {
    return () -> {
      begun.countDown();
      try {
        Blocked.forever();
      } finally {
        log.add("stopped");
      }
    };
  }

  public static void failingWorker(RootScope root, Throwable with) throws InterruptedException {
    root.run(scope -> scope.worker("fails", () -> throwIt(with)));
  }

  public static void throwIt(Throwable thrown) throws Exception {
    throw Throwables.<RuntimeException>sneaky(thrown);
  }
}
