package dev.holdfast.internal.scheduling;

/** Tells which virtual threads hold a carrier. */
public final class Carriers {

  private Carriers() {}

  /** {@return whether a virtual thread has a carrier; a pinned one keeps it while it waits} */
  public static boolean holds(Thread thread) {
    // VirtualThread[#21,name]/runnable@ForkJoinPool-1-worker-1; without a carrier there is no "@".
    String shown = thread.isVirtual() ? thread.toString() : "";
    return shown.indexOf('@', shown.lastIndexOf('/') + 1) > 0;
  }
}
