package dev.holdfast.simulation.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.HeldCarriers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("one-carrier")
class CarriersTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  /** Its owner holds it until it has left its carrier several times. */
  private static final class Held extends ReentrantLock {

    private static final long serialVersionUID = 1L;

    private final AtomicBoolean free = new AtomicBoolean();

    @Override
    public boolean tryLock() {
      return free.get() && super.tryLock();
    }
  }

  /** As the JDK does while it reads the stack of a virtual thread for the referee. */
  @Test
  void an_owner_that_yields_with_the_lock_continues_while_others_spin_for_it() throws Exception {
    var lock = new Held();
    List<Thread> others = new ArrayList<>();
    Thread owner =
        Thread.startVirtualThread(() -> {
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
          lock.free.set(true);
        });
    try {
      assertTrue(owner.join(LONG), "the owner continues");
    } finally {
      lock.free.set(true); // so that a failure leaves the carriers free
    }
    for (Thread other : others) {
      assertTrue(other.join(LONG));
    }
  }
}
