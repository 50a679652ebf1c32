package dev.holdfast.internal.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The locks of a queue while the thread that holds one is not running. */
@Tag("one-carrier")
class TwoLocksTest {

  private static final Duration LONG = Duration.ofSeconds(60);

  /**
   * The test's thread holds the receivers' lock, like a platform thread that has lost its
   * processor. A virtual thread holds the senders' lock and must not be unmounted while it waits
   * for the other. Interrupted threads, which cannot nap, occupy every carrier and spin for the
   * senders' lock.
   */
  @Test
  void the_owner_of_a_lock_keeps_its_carrier_while_interrupted_threads_spin_for_it()
      throws Exception {
    Channel<Integer> channel = Channel.open(end -> {}, ChannelSpec.of(4));
    var locks = (TwoLocks) channel;
    var waiting = new ArrayList<Thread>();
    int more = Runtime.getRuntime().availableProcessors() + 2;
    for (int i = 0; i < more; i++) {
      waiting.add(Thread.startVirtualThread(() -> receive(channel)));
    }
    await(() -> channel.stats().waitingReceivers() == more);

    Thread owner = Thread.ofVirtual().unstarted(channel::stats);
    locks.receivers.lock();
    try {
      owner.start();
      await(() -> spinsForTheLock(owner));
      waiting.forEach(Thread::interrupt);
      Thread.sleep(20); // time to take every carrier there is
    } finally {
      locks.receivers.unlock();
    }
    boolean ended = owner.join(LONG);
    if (!ended) {
      locks.senders.unlock(); // by force: the carriers are needed by the tests after this one
    }
    assertTrue(ended, "the owner of a lock got no carrier");
    for (Thread thread : waiting) {
      assertTrue(thread.join(LONG), () -> "hangs: " + List.of(thread.getStackTrace()));
    }
    assertEquals(0, channel.stats().waitingReceivers());
  }

  private static boolean spinsForTheLock(Thread thread) {
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
