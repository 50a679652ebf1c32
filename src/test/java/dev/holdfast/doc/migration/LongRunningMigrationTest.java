package dev.holdfast.doc.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ForkFailedException;
import dev.holdfast.doc.migration.Scheduled.Cache;
import dev.holdfast.doc.migration.Trade.Mail;
import dev.holdfast.doc.migration.Trade.Shop;
import dev.holdfast.doc.migration.Trade.Sink;
import dev.holdfast.testing.Poll;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Runs the migrations of periodic jobs, queues and fire-and-forget. */
class LongRunningMigrationTest {

  private static final Duration TICK = Duration.ofMillis(5);

  private final Gauge gauge = new Gauge();
  private final AtomicInteger runs = new AtomicInteger();

  @AfterEach
  void nothing_stays_behind() {
    gauge.open();
    Poll.until(() -> gauge.inside() == 0);
    assertEquals(0, gauge.inside());
  }

  private final Cache failsOnce =
      () -> {
        if (runs.incrementAndGet() == 1) {
          throw new IllegalStateException("no connection");
        }
      };

  private final Cache hangs =
      () -> {
        try {
          gauge.hangOn();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      };

  @Test
  void a_scheduled_job_stops_silently_after_a_failure() throws Exception {
    var before = new Scheduled.Before(failsOnce, TICK);
    before.start();
    Poll.until(() -> runs.get() == 1);
    before.timer().schedule(() -> {}, 10 * TICK.toNanos(), TimeUnit.NANOSECONDS).get();
    assertEquals(1, runs.get());
    before.stop();
    assertTrue(before.timer().awaitTermination(10, TimeUnit.SECONDS));
  }

  @Test
  void a_bean_with_an_executor_returns_from_stop_before_its_job_has_ended() throws Exception {
    var before = new Scheduled.Before(hangs, TICK);
    before.start();
    Poll.until(() -> gauge.inside() == 1);
    before.stop();
    assertEquals(1, gauge.inside());
    gauge.open();
    assertTrue(before.timer().awaitTermination(10, TimeUnit.SECONDS));
  }

  @Test
  void a_job_of_a_scope_goes_on_after_a_failure() throws Exception {
    var after = new Scheduled.After(failsOnce, TICK);
    after.start();
    Poll.until(() -> runs.get() >= 3);
    after.stop();
    assertTrue(runs.get() >= 3, runs::toString);
    assertFalse(after.thread().isAlive());
  }

  @Test
  void a_bean_with_a_scope_returns_from_stop_when_its_job_has_ended() throws Exception {
    var after = new Scheduled.After(hangs, TICK);
    after.start();
    Poll.until(() -> gauge.inside() == 1);
    after.stop();
    assertEquals(0, gauge.inside());
    assertFalse(after.thread().isAlive());
  }

  private final AtomicReference<Thread> producer = new AtomicReference<>();

  /** Endless lines; records the thread that reads them. */
  private Iterator<String> endless() {
    return Stream.generate(
            () -> {
              producer.set(Thread.currentThread());
              return "line";
            })
        .iterator();
  }

  /** A source that fails after one line. */
  private Iterator<String> broken() {
    return Stream.generate(
            () -> {
              Thread reader = Thread.currentThread();
              if (producer.getAndSet(reader) != null) {
                throw new IllegalStateException("the disk is gone");
              }
              return "line";
            })
        .iterator();
  }

  private final Sink fails =
      line -> {
        throw new IOException("the disk is full");
      };

  @Test
  void both_copy_all_lines() throws Exception {
    List<String> lines = IntStream.range(0, 1000).mapToObj(Integer::toString).toList();
    List<String> copy = new ArrayList<>();
    new Queue.Before().copy(lines.iterator(), copy::add);
    assertEquals(lines, copy);
    copy.clear();
    new Queue.After().copy(lines.iterator(), copy::add);
    assertEquals(lines, copy);
  }

  @Test
  void a_consumer_that_fails_leaves_the_producer_waiting_forever() throws Exception {
    assertThrows(IOException.class, () -> new Queue.Before().copy(endless(), fails));
    Poll.until(() -> producer.get() != null);
    Poll.until(() -> producer.get().getState() == Thread.State.WAITING);
    assertSame(Thread.State.WAITING, producer.get().getState());
    producer.get().interrupt();
    producer.get().join();
  }

  @Test
  void a_producer_that_fails_leaves_the_consumer_waiting_forever() throws Exception {
    Thread.UncaughtExceptionHandler handler = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {});
    try {
      Thread consumer =
          Thread.startVirtualThread(() -> {
            try {
              new Queue.Before().copy(broken(), line -> {});
            } catch (IOException | InterruptedException e) {
              runs.incrementAndGet();
            }
          });
      Poll.until(() -> producer.get() != null);
      producer.get().join();
      Poll.until(() -> consumer.getState() == Thread.State.WAITING);
      assertSame(Thread.State.WAITING, consumer.getState());
      consumer.interrupt();
      consumer.join();
      assertEquals(1, runs.get());
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(handler);
    }
  }

  @Test
  void a_scope_ends_the_producer_of_a_consumer_that_fails() {
    var failure = assertThrows(IOException.class, () -> new Queue.After().copy(endless(), fails));
    assertEquals("the disk is full", failure.getMessage());
  }

  @Test
  void a_scope_throws_the_failure_of_its_producer() {
    var failure =
        assertThrows(ForkFailedException.class, () -> new Queue.After().copy(broken(), line -> {}));
    assertEquals("the disk is gone", failure.getCause().getMessage());
  }

  private final List<String> shipped = Collections.synchronizedList(new ArrayList<>());

  private final Shop shop =
      new Shop() {
        @Override
        public int price(String product) {
          return 12;
        }

        @Override
        public int stock(String product) {
          return 3;
        }

        @Override
        public void ship(String order) {
          shipped.add(order);
        }
      };

  private static List<String> orders(int count) {
    return IntStream.range(0, count).mapToObj(Integer::toString).toList();
  }

  /** {@return the messages that reached the uncaught-exception handler} */
  private static List<String> uncaught(ThrowingRunnable work) throws Exception {
    List<String> uncaught = Collections.synchronizedList(new ArrayList<>());
    Thread.UncaughtExceptionHandler handler = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, failure) -> uncaught.add(failure.getMessage()));
    try {
      work.run();
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(handler);
    }
    return uncaught;
  }

  private interface ThrowingRunnable {
    void run() throws Exception;
  }

  private final Mail failsFirst =
      order -> {
        if (runs.getAndIncrement() == 0) {
          throw new IOException("no such mailbox");
        }
      };

  @Test
  void the_failure_of_a_forgotten_task_is_not_reported() throws Exception {
    List<String> uncaught =
        uncaught(() -> {
          try (var before = new FireAndForget.Before(shop, failsFirst)) {
            before.order("1");
          }
        });
    assertEquals(1, runs.get());
    assertEquals(List.of(), uncaught);
  }

  @Test
  void nothing_bounds_the_number_of_forgotten_tasks() {
    try (var before = new FireAndForget.Before(shop, order -> gauge.hang())) {
      orders(1000).forEach(before::order);
      Poll.until(() -> gauge.inside() == 1000);
      assertEquals(1000, gauge.inside());
      gauge.open();
    }
  }

  @Test
  void an_outbox_is_bounded_and_empty_when_its_scope_has_ended() throws Exception {
    new FireAndForget.After(
            shop,
            order -> {
              gauge.enter();
              Thread.yield();
              gauge.leave();
              runs.incrementAndGet();
            })
        .serve(orders(1000));
    assertEquals(1000, shipped.size());
    assertEquals(1000, runs.get());
    assertTrue(gauge.most() <= 4, () -> gauge.most() + " at once");
  }

  @Test
  void the_failure_of_one_mail_is_reported_and_the_others_are_sent() throws Exception {
    List<String> uncaught =
        uncaught(() -> new FireAndForget.After(shop, failsFirst).serve(orders(10)));
    assertEquals(10, runs.get());
    assertEquals(1, uncaught.size(), uncaught::toString);
    assertTrue(uncaught.getFirst().contains("no such mailbox"), uncaught::toString);
  }
}
