package dev.holdfast.diagnostics.dump.data;

import dev.holdfast.diagnostics.DumpedThread;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A thread of a dump while its lines are read. */
public final class ThreadBuilder {

  public final long id;
  public final String name;
  public boolean virtual;
  public Thread.@Nullable State state;
  public @Nullable String blockedOn;
  public @Nullable String waitingOn;
  public @Nullable String parkBlocker;
  public @Nullable Long lockOwner;
  public @Nullable Long carrier;
  public final List<StackTraceElement> stack = new ArrayList<>();
  public final List<String> monitorsOwned = new ArrayList<>();

  public ThreadBuilder(long id, String name) {
    this.id = id;
    this.name = name;
  }

  public void setState(@Nullable String text) {
    for (Thread.State known : Thread.State.values()) {
      if (known.name().equals(text)) {
        state = known;
      }
    }
  }

  /** Notes a monitor in a frame. A thread in {@link Object#wait()} has released its monitor. */
  public void owns(String monitor) {
    if (!monitor.equals(waitingOn) && !monitorsOwned.contains(monitor)) {
      monitorsOwned.add(monitor);
    }
  }

  /** Notes the object of "WAITING on" or "BLOCKED on", which may be a monitor or a lock. */
  public void waitsFor(String object) {
    if (state == Thread.State.BLOCKED) {
      blockedOn = object;
    } else {
      parkBlocker = object;
    }
  }

  /**
   * Decides whether the object that the thread waits for is a monitor or a lock, because {@code
   * ThreadInfo.toString} writes "waiting on" for both.
   */
  public void tellMonitorFromLock() {
    if (waitingOn != null && isParked()) {
      parkBlocker = waitingOn;
      waitingOn = null;
    } else if (waitingOn != null && waitingOn.equals(parkBlocker)) {
      parkBlocker = null;
    }
  }

  public DumpedThread build(Stacks stacks) {
    return new DumpedThread(
        id,
        name,
        virtual || endsInVirtualThread(),
        state,
        stacks.stack(stack),
        blockedOn,
        stacks.object(waitingOn),
        lockOwner == null ? stacks.object(parkBlocker) : parkBlocker,
        parkBlocker == null ? null : lockOwner,
        monitorsOwned,
        carrier);
  }

  private boolean isParked() {
    return !stack.isEmpty()
        && stack.getFirst().getMethodName().equals("park")
        && stack.getFirst().getClassName().endsWith(".Unsafe");
  }

  private boolean endsInVirtualThread() {
    return !stack.isEmpty()
        && stack.getLast().getClassName().equals("java.lang.VirtualThread")
        && stack.getLast().getMethodName().equals("run");
  }
}
