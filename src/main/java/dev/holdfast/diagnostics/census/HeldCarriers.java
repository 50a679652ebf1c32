package dev.holdfast.diagnostics.census;

import dev.holdfast.diagnostics.DumpedThread;
import java.util.List;

/** Virtual threads that hold a carrier, and those that wait for one. */
public final class HeldCarriers {

  private HeldCarriers() {}

  /**
   * {@return whether a virtual thread has never run, because code held every carrier} Its stack is
   * empty. JDKs before 25 do not write that a thread is virtual; a thread without a name counts as
   * virtual.
   */
  public static boolean isNotStarted(DumpedThread thread) {
    return thread.stack().isEmpty() && (thread.virtual() || thread.name().isEmpty());
  }

  /**
   * {@return the virtual threads that have a carrier: they run, or they block without unmounting}
   */
  public static List<DumpedThread> holders(List<DumpedThread> threads) {
    return threads.stream().filter(HeldCarriers::holdsCarrier).toList();
  }

  private static boolean holdsCarrier(DumpedThread thread) {
    if (!thread.virtual() || thread.stack().isEmpty()) {
      return false;
    }
    return thread.carrier() != null
        || isPinned(thread)
        || (thread.state() == null && !isUnmounted(thread.stack().getFirst()));
  }

  /**
   * {@return whether a thread is parked on its carrier, as in a synchronized block before JDK 24}
   */
  public static boolean isPinned(DumpedThread thread) {
    return thread.stack().stream()
        .anyMatch(frame ->
            frame.getClassName().equals("java.lang.VirtualThread")
                && frame.getMethodName().equals("parkOnCarrierThread"));
  }

  private static boolean isUnmounted(StackTraceElement top) {
    String type = top.getClassName();
    return type.equals("java.lang.VirtualThread") || type.equals("jdk.internal.vm.Continuation");
  }
}
