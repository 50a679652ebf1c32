package dev.holdfast.http.debug;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The documents that were written from one observation. All requests for a document share it: one
 * of them writes it, and those that arrive in the meantime wait. The {@value #KEPT} documents that
 * were requested last are kept.
 */
final class Documents {

  /** More than the number of documents without a time in their query. */
  static final int KEPT = 24;

  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Body> kept = new LinkedHashMap<>(KEPT, 0.75f, true); // by the lock
  private final AtomicLong spentNanos = new AtomicLong();

  Documents(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * {@return a document}
   *
   * @param key what distinguishes it from the other documents of the observation
   * @param writer writes it if it is not kept
   */
  Body get(String key, Supplier<Body> writer) {
    lock.lock();
    try {
      Body body = kept.get(key);
      return body == null ? write(key, writer) : body;
    } finally {
      lock.unlock();
    }
  }

  private Body write(String key, Supplier<Body> writer) {
    long begun = nanoTime.getAsLong();
    Body body = writer.get();
    spentNanos.addAndGet(nanoTime.getAsLong() - begun);
    kept.put(key, body);
    if (kept.size() > KEPT) {
      kept.remove(kept.keySet().iterator().next());
    }
    return body;
  }

  /** {@return how long it took to write all documents so far} */
  long spentNanos() {
    return spentNanos.get();
  }
}
