package dev.holdfast.leak;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Random yields that vary the order of events between copies. Thread-safe. */
final class Jitter {

  private static final long STEP = 0x9E3779B97F4A7C15L;

  private final AtomicLong next;

  Jitter(long seed) {
    next = new AtomicLong(seed);
  }

  /** {@return the seed of this run, from the property {@code holdfast.seed} if it is set} */
  static long newSeed() {
    String given = System.getProperty("holdfast.seed");
    return given == null ? System.nanoTime() : Long.parseLong(given);
  }

  void pass() {
    for (int turns = random().nextInt(8); turns > 0; turns--) {
      Thread.yield();
    }
  }

  boolean toss() {
    return random().nextBoolean();
  }

  private SplittableRandom random() {
    return new SplittableRandom(next.getAndAdd(STEP));
  }
}
