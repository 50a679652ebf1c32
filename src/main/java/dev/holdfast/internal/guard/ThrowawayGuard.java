package dev.holdfast.internal.guard;

import dev.holdfast.internal.telemetry.CounterRegistry;
import dev.holdfast.internal.telemetry.Reports;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Logs a warning if guards are created for a single call each, because such guards limit nothing.
 */
final class ThrowawayGuard extends WeakReference<Admission> {

  /*
   * This class watches a guard from its first use to its second. A guard that becomes garbage
   * before its second use was created for a single call. The first use of another guard finds it,
   * so no thread is needed. For other guards this costs a volatile read at each call.
   */

  /** How many guards must be used only once before this class warns; a program may have a few. */
  private static final int TOO_MANY = 10;

  private static final ReferenceQueue<Admission> COLLECTED = new ReferenceQueue<>();

  /** Keeps the references reachable, because the JVM never queues an unreachable reference. */
  private static final Set<ThrowawayGuard> USED_ONCE = ConcurrentHashMap.newKeySet();

  private final String name;

  ThrowawayGuard(Admission admission, String name) {
    super(admission, COLLECTED);
    this.name = name;
  }

  /** Called when the guard is used for the first time. */
  void watch() {
    USED_ONCE.add(this);
    while (COLLECTED.poll() instanceof ThrowawayGuard collected) {
      if (USED_ONCE.remove(collected)) {
        collected.count();
      }
    }
  }

  /** Called when the guard is used again. */
  void forget() {
    USED_ONCE.remove(this);
  }

  private void count() {
    if (CounterRegistry.ALL.of(name).throwawayGuards.incrementAndGet() == TOO_MANY) {
      Reports.warn(
          "Guard '"
              + name
              + "' was created for a single call, "
              + TOO_MANY
              + " times so far. A guard that is created for each call limits nothing. Keep one"
              + " guard in a static final field.");
    }
  }
}
