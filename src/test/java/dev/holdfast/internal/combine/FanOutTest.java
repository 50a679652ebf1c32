package dev.holdfast.internal.combine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Inspect;
import dev.holdfast.ScopeSpec;
import dev.holdfast.Scopes;
import dev.holdfast.Task;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.internal.telemetry.CounterRegistry;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tests {@code ItemSource} and {@code SharedFanOut} as well. */
@LeavesNothing
@Tag("one-carrier")
class FanOutTest {

  private static Iterable<Integer> lazily(int count) {
    return () -> IntStream.range(0, count).boxed().iterator();
  }

  @EachThreadKind
  void results_are_in_the_order_of_the_items(ThreadFactory threads) throws Exception {
    for (int size : new int[] {0, 1, 2, 7, 8, 9, 100, 1500}) {
      List<Integer> expected = IntStream.range(0, size).map(i -> 3 * i).boxed().toList();
      ScopeSpec spec = Scopes.limit(64).threads(threads);
      assertEquals(expected, spec.fanOut(lazily(size), item -> 3 * item));
      var known = IntStream.range(0, size).boxed().toList();
      assertEquals(expected, spec.fanOut(known, item -> 3 * item));
    }
  }

  /** It would never end if the stream were read first. */
  @Test
  void a_stream_is_read_as_its_items_start() {
    var failure = new IOException("item 5");
    Stream<Integer> endless = Stream.iterate(0, i -> i + 1);
    var thrown =
        assertThrows(
            IOException.class,
            () ->
                Scopes.fanOut(
                    endless,
                    item -> {
                      if (item == 5) {
                        throw failure;
                      }
                      return item;
                    }));
    assertSame(failure, thrown);
  }

  @Test
  void results_may_be_null_and_cannot_be_changed() throws Exception {
    List<Integer> results = Scopes.fanOut(List.of(1, 2), item -> item == 1 ? null : item);
    assertEquals(Arrays.asList(null, 2), results);
    assertThrows(UnsupportedOperationException.class, () -> results.set(0, 1));
  }

  @EachThreadKind
  void the_first_failure_is_thrown_itself_and_cancels_the_rest(ThreadFactory threads) {
    var failure = new IOException("item 2");
    var cleanup = new IllegalStateException("cleanup of 1");
    var started = new CountDownLatch(1);
    var thrown =
        assertThrows(
            IOException.class,
            () ->
                Scopes.named("items")
                    .threads(threads)
                    .fanOut(
                        List.of(1, 2, 3),
                        item -> {
                          if (item == 2) {
                            started.await();
                            throw failure;
                          }
                          try {
                            if (item == 1) {
                              started.countDown();
                            }
                            return Blocked.<Integer>forever();
                          } catch (InterruptedException e) {
                            if (item == 1) {
                              throw cleanup;
                            }
                            throw e;
                          }
                        }));
    assertSame(failure, thrown);
    assertEquals(List.of(cleanup), List.of(thrown.getSuppressed()));
  }

  @Test
  void no_item_is_pulled_before_there_is_a_place_for_it() throws Exception {
    var pulled = new AtomicInteger();
    var done = new AtomicInteger();
    Iterable<Integer> source =
        () ->
            new Iterator<>() {
              @Override
              public boolean hasNext() {
                return pulled.get() < 200;
              }

              @Override
              public Integer next() {
                return pulled.getAndIncrement();
              }
            };
    List<Integer> results =
        Scopes.limit(3)
            .fanOut(
                source,
                item -> {
                  int ahead = pulled.get() - done.get();
                  done.incrementAndGet();
                  return ahead;
                });
    assertEquals(200, results.size());
    // A task counts itself a moment before it releases its permit; never more than three run.
    assertTrue(results.stream().allMatch(ahead -> ahead <= 3), results::toString);
  }

  @Test
  void a_source_that_throws_cancels_the_running_tasks() {
    var marker = new IllegalStateException("source");
    Iterable<Integer> source =
        () ->
            IntStream.range(0, 3)
                .peek(i -> {
                  if (i == 2) {
                    throw marker;
                  }
                })
                .boxed()
                .iterator();
    assertSame(
        marker,
        assertThrows(
            IllegalStateException.class,
            () -> Scopes.fanOut(source, item -> Blocked.<Integer>forever())));
  }

  @Test
  void an_endless_source_ends_with_the_first_failure() {
    var failure = new IOException("item 100");
    assertSame(
        failure,
        assertThrows(
            IOException.class,
            () ->
                Scopes.limit(4)
                    .fanOut(
                        lazily(Integer.MAX_VALUE),
                        item -> {
                          if (item == 100) {
                            throw failure;
                          }
                          return item;
                        })));
  }

  @EachThreadKind
  void its_caller_is_interrupted(ThreadFactory threads) {
    var call = OnThread.run(threads, () -> Scopes.fanOut(List.of(1, 2), item -> Blocked.forever()));
    call.blocked().interrupt();
    assertInstanceOf(InterruptedException.class, call.thrown());
    call.leavesNoFlag();
  }

  @Test
  void different_tasks_are_combined() throws Exception {
    assertEquals(
        "1b",
        Scopes.<Integer, String, String, Exception>fanOut(() -> 1, () -> "b", (a, b) -> a + b));
    int three = Scopes.fanOut(() -> 1, () -> 2, () -> 3, (a, b, c) -> a + b + c);
    assertEquals(6, three);
    int four = Scopes.fanOut(() -> 1, () -> 2, () -> 3, () -> 4, (a, b, c, d) -> a + b + c + d);
    assertEquals(10, four);
    int five =
        Scopes.fanOut(
            () -> 1, () -> 2, () -> 3, () -> 4, () -> 5, (a, b, c, d, e) -> a + b + c + d + e);
    assertEquals(15, five);
  }

  @Test
  void a_list_of_tasks() throws Exception {
    List<Task<Integer, IOException>> tasks = List.of(() -> 1, () -> 2);
    assertEquals(List.of(1, 2), Scopes.fanOut(tasks));
  }

  @Test
  void a_combination_that_throws() {
    var marker = new IOException("join");
    assertSame(
        marker,
        assertThrows(
            IOException.class,
            () ->
                Scopes.<Integer, Integer, Integer, IOException>fanOut(
                    () -> 1,
                    () -> 2,
                    (a, b) -> {
                      throw marker;
                    })));
  }

  @Test
  void items_that_wait_for_each_other_all_get_a_thread() throws Exception {
    for (int round = 0; round < 2_000; round++) {
      var all = new CountDownLatch(3);
      Scopes.fanOut(
          List.of(1, 2, 3),
          item -> {
            all.countDown();
            all.await();
            return item;
          });
    }
  }

  @Test
  void items_that_do_not_block_share_a_few_threads() throws Exception {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    Scopes.limit(8)
        .fanOut(
            java.util.stream.IntStream.range(0, 100_000).boxed().toList(),
            item -> threads.add(Thread.currentThread()));
    assertTrue(threads.size() <= 8, () -> threads.size() + " threads");
  }

  @Test
  void a_lazy_source_is_at_most_the_limit_ahead() throws Exception {
    var pulled = new AtomicInteger();
    var finished = new AtomicInteger();
    var most = new AtomicInteger();
    Iterable<Integer> items =
        () ->
            Stream.iterate(0, i -> i + 1)
                .limit(100)
                .peek(i ->
                    most.accumulateAndGet(pulled.incrementAndGet() - finished.get(), Math::max))
                .iterator();
    Scopes.limit(8)
        .fanOut(
            items,
            i -> {
              Thread.sleep(1);
              return finished.incrementAndGet();
            });
    assertTrue(most.get() <= 8, most::toString);
  }

  @EachThreadKind
  void items_that_block_get_one_thread_each_and_no_more(ThreadFactory factory) throws Exception {
    var started = new AtomicInteger();
    ThreadFactory counting =
        code -> {
          started.incrementAndGet();
          return factory.newThread(code);
        };
    var allRun = new CountDownLatch(5);
    Scopes.limit(64)
        .threads(counting)
        .fanOut(
            List.of(1, 2, 3, 4, 5),
            item -> {
              allRun.countDown();
              allRun.await();
              return item;
            });
    assertEquals(5, started.get());
  }

  /** One thread takes all items. */
  @EachThreadKind
  void a_task_is_shown_with_the_number_of_its_current_item(ThreadFactory factory) throws Exception {
    List<String> names =
        Scopes.named("orders")
            .limit(1)
            .threads(factory)
            .fanOut(List.of("a", "b", "c"), item -> nameOf(Thread.currentThread(), Inspect.live()));
    assertEquals(List.of("orders/1", "orders/2", "orders/3"), names);
  }

  @Test
  void a_thread_that_finds_no_item_left_counts_no_time() throws Exception {
    var started = new AtomicInteger();
    var both = new CountDownLatch(2);
    var firstEnded = new CompletableFuture<Long>();
    ThreadFactory holdingTheSecond =
        task -> {
          boolean first = started.incrementAndGet() == 1;
          both.countDown();
          return Thread.ofVirtual()
              .unstarted(() -> {
                if (first) {
                  task.run();
                  firstEnded.complete(System.nanoTime());
                } else {
                  firstEnded.join();
                  task.run();
                }
              });
        };
    long before = System.nanoTime();
    Scopes.named("no item left")
        .threads(holdingTheSecond)
        .fanOut(
            List.of(1, 2),
            item -> {
              long begun = System.nanoTime();
              both.await();
              while (System.nanoTime() - begun < 2 * (begun - before)) {
                Thread.onSpinWait();
              }
              return item;
            });
    long counted = CounterRegistry.ALL.of("no item left").taskNanos.sum();
    assertTrue(counted <= firstEnded.join() - before, counted + " ns");
    assertEquals(2, CounterRegistry.ALL.of("no item left").succeeded.sum());
  }

  private static String nameOf(Thread thread, List<Snapshot> live) {
    for (Snapshot each : live) {
      String inside = nameOf(thread, each.inside());
      if (inside != null || each.thread() == thread) {
        return inside == null ? each.name() : inside;
      }
    }
    return null;
  }

  @Test
  void a_stream_is_closed_at_the_end() throws Exception {
    var closed = new AtomicInteger();
    Stream<Integer> items = Stream.of(1, 2).onClose(closed::incrementAndGet);
    assertEquals(List.of(2, 3), Scopes.fanOut(items, item -> item + 1));
    assertEquals(1, closed.get());
  }
}
