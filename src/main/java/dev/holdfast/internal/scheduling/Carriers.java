package dev.holdfast.internal.scheduling;

/** The platform threads on which virtual threads run. */
public final class Carriers {

  private Carriers() {}

  /** {@return whether a virtual thread has a carrier; a pinned one keeps it while it waits} */
  public static boolean holds(Thread thread) {
    return onCarrier(thread).indexOf('@') > 0;
  }

  /** {@return whether a virtual thread waits without giving up its carrier} */
  public static boolean isPinned(Thread thread) {
    String shown = onCarrier(thread);
    return shown.startsWith("waiting@") || shown.startsWith("timed_waiting@");
  }

  /** {@return the state and the carrier of a virtual thread, as its toString() shows them} */
  private static String onCarrier(Thread thread) {
    // VirtualThread[#21,name]/runnable@ForkJoinPool-1-worker-1; without a carrier there is no "@".
    String shown = thread.isVirtual() ? thread.toString() : "";
    return shown.substring(shown.lastIndexOf('/') + 1);
  }
}
