package dev.holdfast.internal.guard;

import dev.holdfast.inspect.GuardInfo;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.locks.ReentrantLock;

/** The guards that have been used twice, for as long as they are reachable. */
public final class LiveGuards {

  private static final ReentrantLock LOCK = new ReentrantLock();

  /** Guarded by the lock. */
  private static final Set<Admission> ALL = Collections.newSetFromMap(new WeakHashMap<>());

  private LiveGuards() {}

  static void add(Admission guard) {
    LOCK.lock();
    try {
      ALL.add(guard);
    } finally {
      LOCK.unlock();
    }
  }

  /** {@return how full each guard is} */
  public static List<GuardInfo> all() {
    LOCK.lock();
    try {
      var all = new ArrayList<GuardInfo>();
      ALL.forEach(guard -> all.add(guard.info()));
      return all;
    } finally {
      LOCK.unlock();
    }
  }
}
