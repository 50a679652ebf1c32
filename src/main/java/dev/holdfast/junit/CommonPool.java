package dev.holdfast.junit;

import java.util.Set;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.stream.Collectors;

/** Workers of the common pool: nobody's, unless something runs on them. */
final class CommonPool {

  private CommonPool() {}

  static boolean has(Thread thread) {
    return thread instanceof ForkJoinWorkerThread worker
        && worker.getPool() == ForkJoinPool.commonPool();
  }

  /** {@return its workers that have something to do} */
  static Set<Thread> busy() {
    return Platform.threads().stream()
        .filter(CommonPool::has)
        .filter(CommonPool::isBusy)
        .collect(Collectors.toUnmodifiableSet());
  }

  static boolean isBusy(Thread worker) {
    for (StackTraceElement frame : worker.getStackTrace()) {
      String type = frame.getClassName();
      if (!type.startsWith("java.util.concurrent.ForkJoin")
          && !type.equals("java.util.concurrent.locks.LockSupport")
          && !type.equals("jdk.internal.misc.Unsafe")) {
        return true;
      }
    }
    return false;
  }
}
