package dev.holdfast.internal.clock;

import org.jspecify.annotations.Nullable;

/** The settings of the scheduler of virtual threads. The JDK reads them once. */
public final class SchedulerSettings {

  /** The property that sets the number of carriers. */
  public static final String PARALLELISM = "jdk.virtualThreadScheduler.parallelism";

  /** The property that bounds the number of carriers, including those that wait. */
  public static final String MAX_POOL_SIZE = "jdk.virtualThreadScheduler.maxPoolSize";

  private SchedulerSettings() {}

  /** {@return the number of carriers, unless some of them wait with a blocked virtual thread} */
  public static int carriers() {
    return carriers(
        Integer.getInteger(PARALLELISM),
        Integer.getInteger(MAX_POOL_SIZE),
        Runtime.getRuntime().availableProcessors());
  }

  static int carriers(
      @Nullable Integer parallelism, @Nullable Integer maxPoolSize, int processors) {
    int carriers = parallelism == null ? processors : parallelism;
    return maxPoolSize == null ? carriers : Math.min(carriers, maxPoolSize);
  }

  /** {@return whether a setting, not the number of processors, allows a single carrier} */
  static boolean isSingleCarrierSet() {
    return carriers() == 1 && System.getProperty(PARALLELISM) != null;
  }
}
