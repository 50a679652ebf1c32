package dev.holdfast.internal.cancel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Deadline;
import dev.holdfast.Scope;
import dev.holdfast.ScopeCancelledException;
import dev.holdfast.Scopes;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import java.io.IOException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** The lock of a thread's scopes; {@code Law04NoInterruptEscapesTest} plays against it. */
@LeavesNothing
@Tag("one-carrier")
@Timeout(120)
class ScopeStackTest {

  private static final int THREADS = 8;
  private static final int ROUNDS = 50;

  private final CountDownLatch locked = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicReference<Stack> stack = new AtomicReference<>();

  /** The scopes of the current thread, which runs code under the lock when it enters the first. */
  private static final class Stack extends ScopeStack {

    private final Runnable entering;

    Stack(Runnable entering) {
      super(Thread.currentThread());
      this.entering = entering;
    }

    @Override
    void entering() {
      entering.run();
    }

    @Override
    void left() {}

    /** Enters and leaves a cancelled scope. {@return whether an interrupt arrived in it} */
    boolean pass() {
      ScopeStack self = this;
      var scope =
          new CancelScopeStub(null) {
            @Override
            public CancelScope outer() {
              return self;
            }
          };
      scope.decide(Cancellation.explicit("The test", "enough"));
      push(scope);
      boolean interrupted = Thread.currentThread().isInterrupted();
      pop(scope, null);
      return interrupted;
    }

    @Override
    public ThreadScope threadScope() {
      throw new AssertionError();
    }

    @Override
    public CancelScope outer() {
      return null;
    }

    @Override
    public Deadline deadline() {
      return Deadline.NONE;
    }

    @Override
    public String label() {
      return "The stack";
    }

    @Override
    public String running() {
      return "";
    }

    @Override
    public boolean hasEnded() {
      return false;
    }
  }

  /** {@return a thread that holds the lock of its scopes until it is released} */
  private OnThread<Boolean> holder(ThreadFactory threads) throws InterruptedException {
    OnThread<Boolean> holder =
        OnThread.start(
            threads,
            () -> {
              stack.set(
                  new Stack(() -> {
                    locked.countDown();
                    LawFixtures.awaitUninterruptibly(release);
                  }));
              return stack.get().pass();
            });
    LawFixtures.await(locked);
    return holder;
  }

  @EachThreadKind
  void the_thread_that_holds_the_lock_sends_the_interrupt_that_another_requests(
      ThreadFactory threads) throws InterruptedException {
    OnThread<Boolean> holder = holder(threads);
    OnThread.run(threads, () -> stack.get().interrupt()).end();
    assertFalse(holder.thread().isInterrupted());
    release.countDown();
    assertTrue(holder.leavesNoFlag().value());
  }

  @EachThreadKind
  void a_thread_that_holds_its_lock_delays_no_other_thread(ThreadFactory threads)
      throws InterruptedException {
    OnThread<Boolean> holder = holder(threads);
    OnThread<Boolean> other = OnThread.start(threads, () -> new Stack(() -> {}).pass());
    assertFalse(other.leavesNoFlag().value());
    release.countDown();
    assertFalse(holder.leavesNoFlag().value());
  }

  @EachThreadKind
  void a_thread_that_has_ended_gets_no_interrupt(ThreadFactory threads) {
    OnThread<Void> ended =
        OnThread.run(
            threads,
            () -> {
              var own = new Stack(() -> {});
              own.decide(Cancellation.explicit("The test", "enough"));
              own.interrupt();
              assertTrue(Thread.currentThread().isInterrupted());
              own.endInterrupts();
              own.interrupt();
            });
    assertNull(ended.leavesNoFlag().thrown());
  }

  /** A channel in which a thread blocks until an interrupt closes it. */
  private static final class BlockingChannel extends AbstractInterruptibleChannel {

    final CountDownLatch inUse = new CountDownLatch(1);
    final AtomicInteger closings = new AtomicInteger();
    private final CountDownLatch closed = new CountDownLatch(1);

    void use() throws IOException {
      begin();
      try {
        inUse.countDown();
        Blocked.stubbornly(closed);
      } finally {
        end(false);
      }
    }

    @Override
    protected void implCloseChannel() throws IOException {
      try {
        Scopes.run(scope -> scope.onExit(closings::incrementAndGet));
      } catch (InterruptedException e) {
        throw new IOException(e);
      } finally {
        closed.countDown();
      }
    }
  }

  @EachThreadKind
  void a_channel_that_an_interrupt_closes_may_open_a_scope(ThreadFactory threads)
      throws InterruptedException {
    var channel = new BlockingChannel();
    var opened = new AtomicReference<Scope>();
    OnThread<Void> owner =
        OnThread.run(
            threads,
            () ->
                Scopes.run(scope -> {
                  opened.set(scope);
                  channel.use();
                }));
    LawFixtures.await(channel.inUse);
    OnThread.run(threads, () -> opened.get().cancel("enough")).end();
    assertInstanceOf(ScopeCancelledException.class, owner.leavesNoFlag().thrown());
    assertEquals(1, channel.closings.get());
  }

  /** Each thread enters, cancels and leaves scopes while the others do. */
  @EachThreadKind
  void threads_at_once_cancel_only_their_own_scopes(ThreadFactory threads) {
    var owners = new ArrayList<OnThread<Void>>();
    var ended = new AtomicInteger();
    for (int i = 0; i < THREADS; i++) {
      owners.add(
          OnThread.run(
              threads,
              () -> {
                for (int round = 0; round < ROUNDS; round++) {
                  cancelOne();
                  assertFalse(Thread.currentThread().isInterrupted());
                  ended.incrementAndGet();
                }
              }));
    }
    owners.forEach(owner -> assertNull(owner.leavesNoFlag().thrown()));
    assertEquals(THREADS * ROUNDS, ended.get());
  }

  private static void cancelOne() throws InterruptedException {
    String value =
        Scopes.call(scope -> {
          scope.fork(() -> Scopes.run(inner -> Blocked.forever()));
          scope.cancel("enough");
          return "kept";
        });
    assertEquals("kept", value);
  }
}
