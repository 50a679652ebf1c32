package dev.holdfast.doc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.RootScope;
import dev.holdfast.Scope;
import dev.holdfast.ScopeCancelledException;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelClosedException;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Pace;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shows that the limits in docs/limits.md are as stated, and that what it advises works. */
@LeavesNothing
class LimitsTest {

  @Test
  void a_timeout_around_a_receive_can_lose_the_element() throws Exception {
    Pace.find(time -> {
      var received = new AtomicBoolean();
      Scopes.run(outer -> {
        Channel<String> channel = outer.channel(1);
        channel.send("element");
        assertThrows(
            ScopeTimeoutException.class,
            () ->
                Scopes.timeout(time)
                    .call(scope -> {
                      String element = channel.receive();
                      received.set(true);
                      while (!scope.isCancelled()) {
                        Thread.onSpinWait();
                      }
                      return element;
                    }));
        assertEquals(received.get() ? null : "element", channel.tryReceive());
      });
      return received.get();
    });
  }

  @Test
  void a_receive_with_a_timeout_returns_the_element_or_null() throws Exception {
    Scopes.run(scope -> {
      Channel<String> channel = scope.channel(1);
      assertNull(channel.receive(Duration.ofMillis(1)));
      channel.send("element");
      assertEquals("element", channel.receive(Duration.ofMillis(1)));
    });
  }

  private static String next(Channel<String> channel) {
    try {
      return channel.receive();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void a_stream_that_leaves_its_scope_finds_a_closed_channel() throws Exception {
    Stream<String> lazy =
        Scopes.call(scope -> {
          Channel<String> channel = scope.channel(1);
          channel.send("element");
          return Stream.generate(() -> next(channel));
        });
    assertThrows(ChannelClosedException.class, lazy::findFirst);
  }

  @Test
  void a_future_in_the_queue_of_a_cancelled_executor_never_completes() {
    var queued = new CompletableFuture<?>[1];
    assertThrows(
        ScopeCancelledException.class,
        () ->
            Scopes.limit(1)
                .run(scope -> {
                  ExecutorService executor = scope.executor();
                  var running = new CountDownLatch(1);
                  executor.execute(() -> hang(running));
                  running.await();
                  queued[0] = CompletableFuture.supplyAsync(() -> "done", executor);
                  scope.cancel("enough");
                  scope.join();
                }));
    assertFalse(queued[0].isDone());
  }

  private static void hang(CountDownLatch running) {
    running.countDown();
    try {
      Thread.sleep(Duration.ofMinutes(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void a_cancelled_task_closes_a_shared_file_channel(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "content");
    try (FileChannel shared = FileChannel.open(file)) {
      Scopes.run(scope -> {
        var reading = new CountDownLatch(1);
        var reader =
            scope.fork(() -> {
              while (true) {
                shared.read(ByteBuffer.allocate(1), 0);
                reading.countDown();
              }
            });
        reading.await();
        reader.cancel();
      });
      assertThrows(ClosedChannelException.class, () -> shared.read(ByteBuffer.allocate(1), 0));
    }
  }

  @Test
  void blocking_keeps_a_shared_file_channel_open(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "content");
    try (FileChannel shared = FileChannel.open(file)) {
      Scopes.run(scope -> {
        var reading = new CountDownLatch(1);
        var stopped = new AtomicBoolean();
        var reader =
            scope.fork(() ->
                scope.blocking(
                    () -> stopped.set(true),
                    () -> {
                      while (!stopped.get()) {
                        shared.read(ByteBuffer.allocate(1), 0);
                        reading.countDown();
                      }
                      return null;
                    }));
        reading.await();
        reader.cancel();
      });
      assertEquals(1, shared.read(ByteBuffer.allocate(1), 0));
    }
  }

  @Test
  void the_deadline_of_a_request_does_not_cancel_a_task_of_the_root() throws Exception {
    try (RootScope root = Scopes.named("async").open()) {
      ExecutorService async = root.call(Scope::executor);
      Pace.find(time -> {
        var release = new CountDownLatch(1);
        var begun = new CountDownLatch(1);
        var done = new CompletableFuture<Boolean>();
        assertThrows(
            ScopeTimeoutException.class,
            () ->
                Scopes.timeout(time)
                    .run(request -> {
                      async.execute(() -> {
                        begun.countDown();
                        done.complete(awaitRelease(release));
                      });
                      begun.await();
                      Thread.sleep(Duration.ofMinutes(1));
                    }));
        release.countDown();
        boolean inTime = begun.getCount() == 0;
        assertTrue(!inTime || done.get());
        return inTime;
      });
    }
  }

  /** {@return whether the task could wait without an interrupt} */
  private static boolean awaitRelease(CountDownLatch release) {
    try {
      release.await();
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }
}
