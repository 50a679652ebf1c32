package dev.holdfast.http.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Poll;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@LeavesNothing
@Timeout(60)
class DocumentsTest {

  private final AtomicLong now = new AtomicLong();
  private final AtomicInteger written = new AtomicInteger();
  private final Documents documents = new Documents(now::get);

  private Body get(String key) {
    return documents.get(key, () -> Body.text(key + written.incrementAndGet()));
  }

  @Test
  void a_document_is_written_once() {
    Body first = get("a");
    assertNotSame(first, get("b"));
    assertSame(first, get("a"));
    assertEquals(2, written.get());
  }

  @Test
  void only_those_that_were_asked_for_last_are_kept() {
    for (int i = 0; i < Documents.KEPT; i++) {
      get("k" + i);
    }
    get("k0");
    get("one too many");
    assertEquals(Documents.KEPT + 1, written.get());
    get("k0");
    get("k2");
    assertEquals(Documents.KEPT + 1, written.get());
    get("k1");
    assertEquals(Documents.KEPT + 2, written.get());
  }

  @Test
  void the_time_that_it_takes_to_write_all_is_counted() {
    for (String key : new String[] {"a", "b", "a"}) {
      documents.get(
          key,
          () -> {
            now.addAndGet(7);
            return Body.text(key);
          });
    }
    assertEquals(14, documents.spentNanos());
  }

  @Test
  void requests_wait_for_the_one_that_writes_the_document() throws Exception {
    var writing = new CountDownLatch(1);
    var finish = new CountDownLatch(1);
    var waits = new CompletableFuture<Thread>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var first =
          threads.submit(() ->
              documents.get(
                  "a",
                  () -> {
                    writing.countDown();
                    await(finish);
                    return Body.text("a" + written.incrementAndGet());
                  }));
      writing.await();
      var second =
          threads.submit(() -> {
            waits.complete(Thread.currentThread());
            return get("a");
          });
      Poll.until(() -> waits.join().getState() == Thread.State.WAITING);
      finish.countDown();
      assertSame(first.get(), second.get());
    }
    assertEquals(1, written.get());
  }

  @Test
  void a_failure_is_not_kept() {
    assertThrows(
        IllegalStateException.class,
        () ->
            documents.get(
                "a",
                () -> {
                  throw new IllegalStateException("once");
                }));
    get("a");
    assertEquals(1, written.get());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
