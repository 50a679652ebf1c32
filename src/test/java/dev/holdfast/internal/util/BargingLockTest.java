package dev.holdfast.internal.util;

import dev.holdfast.testing.YieldingThreads;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("one-carrier")
class BargingLockTest {

  @Test
  void a_thread_that_waits_for_it_takes_it_while_threads_on_every_carrier_yield_in_a_loop() {
    var lock = new BargingLock();
    lock.lock();
    YieldingThreads.assertContinues(
        () -> {
          lock.lock();
          lock.unlock();
        },
        lock::unlock);
  }
}
