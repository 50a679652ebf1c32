package dev.holdfast.leak;

import static dev.holdfast.leak.Legacy.stuck;
import static dev.holdfast.leak.Trace.blocked;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.Fork;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.Select;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Warnings;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The simple cases: one thread waits for a counterpart that does not exist.
 *
 * <p>In Java, an unbuffered Go channel becomes a {@link SynchronousQueue}, which cannot be closed.
 * The JDK has no select; its nearest form is to offer and to poll in turn, with a wait between
 * them. A counter becomes a {@link CountDownLatch}, and in a scope a join.
 */
@LeavesNothing
class SimpleLeakTest {

  @RegisterExtension final Warnings warnings = new Warnings();

  @Test
  void chan_recv_leaks_its_receiver() {
    try (var legacy =
        Legacy.copies(copy -> {
          var channel = new SynchronousQueue<Integer>();
          copy.start("receiver", channel::take);
        })) {
      legacy.leaves(stuck("receiver", "SynchronousQueue.take"));
    }
  }

  @Test
  void chan_recv_as_a_worker_ends_with_its_scope() throws Exception {
    Copies.play(trace ->
        Scopes.run(scope -> {
          Channel<Integer> channel = scope.channel(0);
          scope.worker(() -> trace.visit("receiver", channel::receive));
          if (trace.toss()) {
            trace.awaitBlocked("receiver");
          }
        }));
  }

  @Test
  void chan_recv_as_a_consumer_ends_with_its_scope() throws Exception {
    var handled = new AtomicInteger();
    Copies.play(trace ->
        Scopes.named("consuming")
            .threads(trace.threads("receiver"))
            .run(scope -> {
              scope.consume(scope.<Integer>channel(0), 1, n -> handled.incrementAndGet());
              if (trace.toss()) {
                trace.awaitBlocked("receiver");
              }
            }));
    assertEquals(0, handled.get());
  }

  @Test
  void chan_send_leaks_its_sender() {
    try (var legacy =
        Legacy.copies(copy -> {
          var channel = new SynchronousQueue<Integer>();
          copy.start("sender", () -> channel.put(1));
        })) {
      legacy.leaves(stuck("sender", "SynchronousQueue.put"));
    }
  }

  @Test
  void chan_send_as_a_producer_ends_with_its_scope() throws Exception {
    Copies.play(trace ->
        Scopes.run(scope -> {
          scope.produce(0, out -> trace.visit("sender", () -> out.send(1)));
          if (trace.toss()) {
            trace.awaitBlocked("sender");
          }
        }));
  }

  @Test
  void select_leaks_the_selecting_thread() {
    try (var legacy =
        Legacy.copies(copy -> {
          var in = new SynchronousQueue<Integer>();
          var out = new SynchronousQueue<Integer>();
          copy.start(
              "selector",
              () -> {
                while (in.poll() == null && !out.offer(1, 1, TimeUnit.HOURS)) {
                  // neither side has a peer
                }
              });
        })) {
      legacy.leaves(stuck("selector", "SynchronousQueue.offer"));
    }
  }

  @Test
  void select_as_a_worker_ends_with_its_scope() throws Exception {
    Copies.play(trace ->
        Scopes.run(scope -> {
          Channel<Integer> in = scope.channel(0);
          Channel<Integer> out = scope.channel(0);
          scope.worker(() ->
              trace.visit(
                  "selector",
                  () -> Select.of(out.onSend(1, () -> "sent"), in.onReceive(n -> "got")).await()));
          if (trace.toss()) {
            trace.awaitBlocked("selector");
          }
        }));
  }

  /** A scope waits for its forks: it cannot know that no other thread has the channel. */
  @Test
  void the_three_as_forks_end_at_the_deadline_and_are_named() throws Exception {
    Copies.play(trace -> {
      trace.assertTimesOut(
          scope -> {
            Channel<Integer> a = scope.channel(0);
            Channel<Integer> b = scope.channel(0);
            Channel<Integer> c = scope.channel(0);
            scope.fork("receiver", () -> trace.visit("receiver", a::receive));
            scope.fork("sender", () -> trace.visit("sender", () -> b.send(1)));
            scope.fork(
                "selector",
                () ->
                    trace.visit(
                        "selector",
                        () ->
                            Select.of(c.onSend(1, () -> "sent"), c.onReceive(n -> "got")).await()));
          },
          blocked("receiver", "receive"),
          blocked("sender", "send"),
          blocked("selector", "Select.await"));
    });
  }

  @Test
  void mixed_leaks_both_sides() {
    try (var legacy =
        Legacy.copies(copy -> {
          var channel = new SynchronousQueue<Integer>();
          var done = new CountDownLatch(1);
          copy.start(
              "child",
              () -> {
                channel.put(1);
                done.countDown();
              });
          done.await();
          channel.take();
        })) {
      legacy.leaves(
          stuck("parent", "CountDownLatch.await"), stuck("child", "SynchronousQueue.put"));
    }
  }

  @Test
  void mixed_ends_at_the_deadline_and_both_sides_are_named() throws Exception {
    Copies.play(trace -> {
      trace.assertTimesOut(
          scope -> {
            Channel<Integer> channel = scope.channel(0);
            Fork<?> child = scope.fork("child", () -> trace.visit("child", () -> channel.send(1)));
            child.join();
            channel.receive();
          },
          blocked("child", "send"),
          blocked("its body", "Fork.join"));
    });
  }

  private static final SynchronousQueue<Integer> GLOBAL = new SynchronousQueue<>();

  @Test
  void no_leak_global_waits_for_its_element() throws Exception {
    try (var legacy = Legacy.copies(copy -> copy.start("receiver", GLOBAL::take))) {
      legacy.leaves(stuck("receiver", "SynchronousQueue.take"));
      for (int i = 0; i < Copies.NUMBER; i++) {
        GLOBAL.put(i);
      }
      legacy.leaves();
    }
  }

  @Test
  void no_leak_global_is_not_reported_and_gets_its_element() throws Exception {
    var sum = new AtomicInteger();
    Scopes.run(longer -> {
      Channel<Integer> global = longer.channel(0);
      longer.worker(() -> {
        for (int i = 0; i < Copies.NUMBER; i++) {
          global.send(1, Duration.ofSeconds(20));
        }
      });
      Copies.play(trace ->
          Scopes.run(scope ->
              scope.fork(() -> trace.visit("receiver", () -> sum.addAndGet(global.receive())))));
    });
    warnings.none();
    assertEquals(Copies.NUMBER, sum.get());
  }
}
