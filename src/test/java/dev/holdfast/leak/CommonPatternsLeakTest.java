package dev.holdfast.leak;

import static dev.holdfast.leak.Legacy.stuck;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Scope;
import dev.holdfast.ScopeClosedException;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelClosedException;
import dev.holdfast.channel.Receiver;
import dev.holdfast.channel.Select;
import dev.holdfast.testing.LeavesNothing;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Common patterns of leaks: the thread that should close, stop or read has gone.
 *
 * <p>In Java, the queues of the JDK cannot be closed, so a loop over one never ends. There is no
 * select over a queue and a stop signal, so a loop waits for the queue alone.
 */
@LeavesNothing
@Tag("one-carrier")
class CommonPatternsLeakTest {

  private static final int WORKERS = 3;
  private static final int ITEMS = 5;

  @Test
  void no_close_range_leaks_the_workers() {
    try (var legacy =
        Legacy.copies(copy -> {
          var items = new SynchronousQueue<Integer>();
          for (int i = 0; i < WORKERS; i++) {
            copy.start(
                "worker",
                () -> {
                  while (items.take() >= 0) {
                    Thread.yield();
                  }
                });
          }
          for (int i = 0; i < ITEMS; i++) {
            items.put(i);
          }
        })) {
      legacy.leaves(stuck("worker", WORKERS * Copies.NUMBER, "SynchronousQueue.take"));
    }
  }

  @Test
  void no_close_range_without_workers_leaks_the_producer() {
    try (var legacy = Legacy.copies(copy -> new SynchronousQueue<Integer>().put(1))) {
      legacy.leaves(stuck("parent", "SynchronousQueue.put"));
    }
  }

  @Test
  void no_close_range_is_closed_by_its_scope_when_all_elements_are_handled() throws Exception {
    Copies.play(trace -> {
      var handled = new AtomicInteger();
      Scopes.named("range")
          .threads(trace.threads("worker"))
          .run(scope -> {
            Channel<Integer> items = scope.channel(0);
            scope.consume(items, WORKERS, n -> handled.incrementAndGet());
            for (int i = 0; i < ITEMS; i++) {
              items.send(i);
            }
          });
      assertEquals(ITEMS, handled.get());
      assertEquals(WORKERS, trace.begun("worker"));
    });
  }

  @Test
  void no_close_range_without_workers_ends_its_producer() throws Exception {
    Copies.play(trace ->
        Scopes.run(scope -> {
          scope.produce(
              0,
              out ->
                  trace.visit(
                      "producer",
                      () -> {
                        for (int i = 0; i < ITEMS; i++) {
                          out.send(i);
                        }
                      }));
        }));
  }

  /** A type that has to be stopped, although nothing in it says so. */
  private static final class LegacyAgent {

    private final BlockingQueue<Integer> work = new LinkedBlockingQueue<>();
    private volatile boolean stopped;

    void start(Legacy copy) {
      copy.start(
          "agent",
          () -> {
            while (!stopped) {
              work.take();
            }
          });
    }

    void add(int item) {
      work.add(item);
    }

    void stop() {
      stopped = true;
      work.add(-1);
    }
  }

  @Test
  void method_contract_violation_leaks_the_loop() {
    try (var legacy =
        Legacy.copies(copy -> {
          var agent = new LegacyAgent();
          agent.start(copy);
          for (int i = 0; i < 10; i++) {
            agent.add(i);
          }
          copy.release(agent::stop);
        })) {
      legacy.leaves(stuck("agent", "LinkedBlockingQueue.take"));
    }
  }

  /** A type that only a scope can start, so its stop cannot be forgotten. */
  private static final class Agent {

    private final Channel<Integer> work;
    private final Channel<String> done;
    private final AtomicInteger handled = new AtomicInteger();

    Agent(Scope scope, Trace trace) {
      work = scope.channel(1);
      done = scope.channel(0);
      scope.worker(
          "agent",
          () ->
              trace.visit(
                  "agent",
                  () -> {
                    var next =
                        Select.of(
                            work.onReceive(n -> handled.incrementAndGet() > 0),
                            done.onReceiveOrNull(n -> false));
                    while (next.await()) {
                      Thread.yield();
                    }
                  }));
    }

    void stop() {
      done.close();
    }
  }

  @Test
  void method_contract_violation_ends_the_loop_with_its_scope() throws Exception {
    Copies.play(trace ->
        Scopes.run(scope -> {
          var agent = new Agent(scope, trace);
          for (int i = 0; i < 10; i++) {
            agent.work.send(i);
          }
          assertTrue(agent.handled.get() >= 8, "more than fit in the channel were handled");
          if (trace.toss()) {
            agent.stop();
          }
        }));
  }

  @Test
  void method_contract_violation_after_the_end_is_refused() throws Exception {
    Copies.play(trace -> {
      Scope ended = Scopes.call(scope -> scope);
      assertThrows(ScopeClosedException.class, () -> new Agent(ended, trace));
      assertEquals(0, trace.begun("agent"));
    });
  }

  @Test
  void early_return_leaks_the_sender() {
    try (var legacy =
        Legacy.copies(copy -> {
          var result = new SynchronousQueue<Integer>();
          copy.start("sender", () -> result.put(1));
          throw new IOException("something else"); // returns before it receives
        })) {
      legacy.leaves(stuck("sender", "SynchronousQueue.put"));
      assertEquals(Copies.NUMBER, legacy.died().size());
    }
  }

  @Test
  void early_return_ends_the_producer() throws Exception {
    Copies.play(trace -> {
      String got =
          Scopes.call(scope -> {
            scope.produce(0, out -> trace.visit("sender", () -> out.send(1)));
            if (trace.toss()) {
              trace.awaitBlocked("sender");
            }
            return "something else"; // returns before it receives
          });
      assertEquals("something else", got);
    });
  }

  @Test
  void early_return_by_an_exception_cancels_the_sender() throws Exception {
    Copies.play(trace -> {
      var failed = new IOException("something else");
      var thrown =
          assertThrows(
              IOException.class,
              () ->
                  Scopes.run(scope -> {
                    Channel<Integer> result = scope.channel(0);
                    scope.fork(() -> trace.visit("sender", () -> result.send(1)));
                    if (trace.toss()) {
                      trace.awaitBlocked("sender");
                    }
                    throw failed;
                  }));
      assertEquals(failed, thrown);
    });
  }

  private static final int SENDERS = 5;

  @Test
  void n_cast_leaks_all_but_one() {
    try (var legacy =
        Legacy.copies(copy -> {
          var first = new SynchronousQueue<Integer>();
          for (int i = 0; i < SENDERS; i++) {
            copy.start("sender", () -> first.put(1));
          }
          first.take();
        })) {
      legacy.leaves(stuck("sender", (SENDERS - 1) * Copies.NUMBER, "SynchronousQueue.put"));
    }
  }

  @Test
  void n_cast_without_senders_leaks_the_reader() {
    try (var legacy = Legacy.copies(copy -> new SynchronousQueue<Integer>().take())) {
      legacy.leaves(stuck("parent", "SynchronousQueue.take"));
    }
  }

  @Test
  void n_cast_as_a_race_ends_the_losers() throws Exception {
    List<Integer> senders = IntStream.range(0, SENDERS).boxed().toList();
    Copies.play(trace -> {
      var lost = new CountDownLatch(1);
      int first =
          Scopes.race(
              senders,
              n -> {
                visit(
                    trace,
                    () -> {
                      if (n != 0) {
                        lost.await();
                      }
                    });
                return n;
              });
      assertEquals(0, first);
    });
  }

  /** Narrows the exceptions of a race function to {@code InterruptedException}. */
  private static void visit(Trace trace, Code code) throws InterruptedException {
    try {
      trace.visit("sender", code);
    } catch (InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void n_cast_into_a_channel_ends_the_senders() throws Exception {
    Copies.play(trace -> {
      int got =
          Scopes.call(scope -> {
            Channel<Integer> first = scope.channel(0);
            for (int i = 0; i < SENDERS; i++) {
              scope.worker(() -> trace.visit("sender", () -> first.send(1)));
            }
            return first.receive();
          });
      assertEquals(1, got);
    });
  }

  @Test
  void n_cast_without_senders_is_refused_at_once() throws Exception {
    Copies.play(trace -> {
      assertThrows(IllegalArgumentException.class, () -> Scopes.race(List.of(), n -> n));
      assertThrows(
          ChannelClosedException.class,
          () -> Scopes.call(scope -> scope.<Integer>produce(0, out -> {}).receive()));
    });
  }

  @Test
  void timeout_leaks_the_sender() {
    try (var legacy =
        Legacy.copies(copy -> {
          var result = new SynchronousQueue<Integer>();
          var gone = new CountDownLatch(1);
          copy.start(
              "sender",
              () -> {
                gone.await(); // slower than the timeout of its reader
                result.put(1);
              });
          assertEquals(null, result.poll());
          gone.countDown();
        })) {
      legacy.leaves(stuck("sender", "SynchronousQueue.put"));
    }
  }

  @Test
  void timeout_ends_the_sender_when_the_reader_gives_up() throws Exception {
    Copies.play(trace -> {
      String got =
          Scopes.call(scope -> {
            var gone = new CountDownLatch(1);
            Channel<Integer> cancel = scope.channel(0);
            Receiver<Integer> result =
                scope.produce(
                    0,
                    out ->
                        trace.visit(
                            "sender",
                            () -> {
                              gone.await();
                              out.send(1);
                            }));
            cancel.close();
            String won =
                Select.of(result.onReceive(n -> "result"), cancel.onReceiveOrNull(n -> "cancelled"))
                    .await();
            gone.countDown();
            return won;
          });
      assertEquals("cancelled", got);
    });
  }
}
