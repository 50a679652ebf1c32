package dev.holdfast.simulation.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.HeldCarriers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("one-carrier")
class CarriersTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  /** As the JDK does while it reads the stack of a virtual thread for the referee. */
  @Test
  void an_owner_that_yields_with_the_lock_continues_while_others_spin_for_it() throws Exception {
    var lock = new ReentrantLock();
    List<Thread> others = new ArrayList<>();
    Thread owner =
        Thread.startVirtualThread(() -> {
          lock.lock();
          try {
            for (int i = 0; i < HeldCarriers.all(); i++) {
              others.add(
                  Thread.startVirtualThread(() -> {
                    Carriers.lock(lock);
                    lock.unlock();
                  }));
            }
            for (int i = 0; i < 100; i++) {
              Thread.yield();
            }
          } finally {
            lock.unlock();
          }
        });
    assertTrue(owner.join(LONG));
    for (Thread other : others) {
      assertTrue(other.join(LONG));
    }
  }
}
