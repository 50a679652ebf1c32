package dev.holdfast.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.internal.clock.SchedulerSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Holds every carrier until it is closed. */
public final class HeldCarriers implements AutoCloseable {

  private final AtomicBoolean released = new AtomicBoolean();
  private final List<Thread> holders = new ArrayList<>();

  public HeldCarriers() {
    var holding = new AtomicInteger();
    for (int i = 0; i < all(); i++) {
      holders.add(
          Thread.ofVirtual()
              .unstarted(() -> {
                holding.incrementAndGet();
                while (!released.get()) {
                  Thread.onSpinWait();
                }
              }));
    }
    holders.forEach(Thread::start);
    Poll.until(() -> holding.get() == all());
    assertEquals(all(), holding.get(), "carriers held");
  }

  /** {@return how many carriers this JVM has} */
  public static int all() {
    return SchedulerSettings.carriers();
  }

  @Override
  public void close() {
    released.set(true);
    holders.forEach(holder -> Poll.until(() -> !holder.isAlive()));
  }
}
