package dev.holdfast.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The locks of a channel, when the thread that has one is not running. */
@Tag("one-carrier")
class ChannelLockTest {

  private static final Duration LONG = Duration.ofSeconds(10);

  /**
   * The test's thread has one lock, as a platform thread that has lost its processor would; a
   * virtual thread has the other and must not be unmounted for it. Interrupted threads, who cannot
   * nap, want that one, on every carrier.
   */
  @Test
  void interrupted_threads_do_not_keep_the_owner_of_a_lock_from_its_carrier() throws Exception {
    var channel = (RingChannel<Integer>) Channel.<Integer>open(end -> {}, ChannelSpec.of(4));
    var waiting = new ArrayList<Thread>();
    int more = Runtime.getRuntime().availableProcessors() + 2;
    for (int i = 0; i < more; i++) {
      waiting.add(Thread.startVirtualThread(() -> receive(channel)));
    }
    await(() -> channel.stats().waitingReceivers() == more);

    Thread owner = Thread.ofVirtual().unstarted(channel::stats);
    channel.receivers.lock();
    try {
      owner.start();
      await(() -> wantsTheLock(owner));
      waiting.forEach(Thread::interrupt);
      Thread.sleep(20); // time to take every carrier there is
    } finally {
      channel.receivers.unlock();
    }
    boolean ended = owner.join(LONG);
    if (!ended) {
      channel.senders.unlock(); // by force: the carriers are needed by the tests after this one
    }
    assertTrue(ended, "the owner of a lock got no carrier");
    for (Thread thread : waiting) {
      assertTrue(thread.join(LONG), () -> "hangs: " + List.of(thread.getStackTrace()));
    }
    assertEquals(0, channel.stats().waitingReceivers());
  }

  private static boolean wantsTheLock(Thread thread) {
    return Arrays.stream(thread.getStackTrace())
        .anyMatch(frame -> frame.getMethodName().equals("lockSlowly"));
  }

  private static void receive(Channel<Integer> channel) {
    try {
      channel.receive();
    } catch (InterruptedException e) {
      return;
    }
  }

  private static void await(BooleanSupplier condition) throws Exception {
    long begun = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - begun < LONG.toNanos(), "not reached");
      Thread.sleep(1);
    }
  }
}
