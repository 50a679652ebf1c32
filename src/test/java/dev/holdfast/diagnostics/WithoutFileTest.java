package dev.holdfast.diagnostics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Scopes;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Poll;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Tests {@code OwnThreads} as well. */
@LeavesNothing
class WithoutFileTest {

  @Test
  void it_has_the_platform_threads_and_the_threads_of_scopes() throws Exception {
    var begun = new CountDownLatch(2);
    Scopes.named("seen")
        .run(scope -> {
          scope.fork(
              "the-task",
              () ->
                  Scopes.call(inner ->
                      inner
                          .fork(() -> {
                            begun.countDown();
                            new CountDownLatch(1).await();
                            return 1;
                          })
                          .join()));
          var plain = Thread.ofPlatform().name("plain").start(() -> waits(begun));
          try {
            begun.await();
            Poll.untilBlocked(plain);
            ThreadDump dump = ThreadDump.withoutFile();
            Map<Long, DumpedThread> byId =
                dump.threads().stream()
                    .collect(Collectors.toMap(DumpedThread::id, Function.identity()));
            assertEquals(dump.threads().size(), byId.size());
            assertTrue(!byId.get(plain.threadId()).virtual());
            assertEquals(2, dump.threads().stream().filter(DumpedThread::virtual).count());
            assertEquals(ProcessHandle.current().pid(), dump.pid());
            assertTrue(
                Census.of(dump).toText(20).contains("CountDownLatch.await"),
                Census.of(dump).toText(20));
          } finally {
            plain.interrupt();
            plain.join();
            scope.cancel("seen");
          }
        });
  }

  private static void waits(CountDownLatch begun) {
    begun.countDown();
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      // the end of the test
    }
  }
}
