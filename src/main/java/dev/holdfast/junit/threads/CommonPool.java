package dev.holdfast.junit.threads;

import java.util.Set;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.stream.Collectors;

/** Workers of the common pool. The workers belong to no test, but the tasks that they run may. */
public final class CommonPool {

  private CommonPool() {}

  public static boolean isWorker(Thread thread) {
    return thread instanceof ForkJoinWorkerThread worker
        && worker.getPool() == ForkJoinPool.commonPool();
  }

  /** {@return the workers that run a task} */
  static Set<Thread> busyWorkers() {
    return PlatformThreads.live().stream()
        .filter(CommonPool::isWorker)
        .filter(CommonPool::isBusy)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** {@return whether a worker runs a task} */
  public static boolean isBusy(Thread worker) {
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
