package dev.holdfast;

import dev.holdfast.internal.util.Throwables;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the tests of roots share. */
@LeavesNothing
abstract class RootFixture {

  @RegisterExtension final Warnings warnings = new Warnings();

  final List<String> log = Collections.synchronizedList(new ArrayList<>());
  final CountDownLatch up = new CountDownLatch(1);
  final CountDownLatch go = new CountDownLatch(1);

  @AfterEach
  void release() {
    go.countDown();
  }

  final void blockedWorker(RootScope root) throws InterruptedException {
    root.run(scope -> scope.worker("w", blocked(up)));
    up.await();
  }

  /** {@return code that blocks until it is stopped, and logs that} */
  final Action blocked(CountDownLatch begun) {
    return () -> {
      begun.countDown();
      try {
        Blocked.forEver();
      } finally {
        log.add("stopped");
      }
    };
  }

  static void failingWorker(RootScope root, Throwable with) throws InterruptedException {
    root.run(scope -> scope.worker("fails", () -> throwIt(with)));
  }

  static void throwIt(Throwable thrown) throws Exception {
    throw Throwables.<RuntimeException>sneaky(thrown);
  }
}
