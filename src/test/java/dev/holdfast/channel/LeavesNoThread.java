package dev.holdfast.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test after which a thread that it started here has not ended, or the interrupt flag of
 * the test's own thread is set.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(LeavesNoThread.Check.class)
@interface LeavesNoThread {

  /** Starts threads and records them. */
  final class Threads {

    private static final Queue<Thread> STARTED = new ConcurrentLinkedQueue<>();

    private Threads() {}

    static <R> OnThread<R> start(ThreadFactory threads, OnThread.Call<R> call) {
      OnThread<R> started = OnThread.start(threads, call);
      STARTED.add(started.thread());
      return started;
    }

    /** Starts a call and returns when it waits for the channel. */
    static <R> OnThread<R> parked(
        ThreadFactory threads, Channel<?> channel, OnThread.Call<R> call) {
      int before = waiting(channel);
      OnThread<R> started = start(threads, call);
      Poll.until(() -> waiting(channel) > before || !started.thread().isAlive());
      if (waiting(channel) <= before) {
        throw new AssertionError("It does not wait: " + started.value());
      }
      return started.blocked();
    }

    static int waiting(Channel<?> channel) {
      ChannelStats stats = channel.stats();
      return stats.waitingSenders() + stats.waitingReceivers();
    }
  }

  /** The check itself. */
  final class Check implements BeforeEachCallback, AfterEachCallback {

    @Override
    public void beforeEach(ExtensionContext context) {
      assertFalse(Thread.interrupted(), "before the test its thread was interrupted");
    }

    @Override
    public void afterEach(ExtensionContext context) {
      boolean flag = Thread.interrupted();
      Poll.holdsWithin(
          Duration.ofSeconds(10), () -> Threads.STARTED.stream().noneMatch(Thread::isAlive));
      List<Thread> left = Threads.STARTED.stream().filter(Thread::isAlive).toList();
      Threads.STARTED.clear();
      left.forEach(Thread::interrupt); // a thread that hangs must not disturb other tests
      assertEquals(List.of(), left, "threads that have not ended");
      assertFalse(flag, "after the test its thread was interrupted");
    }
  }
}
