package dev.holdfast.internal.root;

import dev.holdfast.internal.timer.RepeatingAlarm;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;

/** Checks once a second whether the handle of a root has become garbage. */
final class LeakedRootDetector extends RepeatingAlarm {

  private final ReferenceQueue<Object> garbage = new ReferenceQueue<>();

  /** Keeps the reference reachable, because the JVM never queues an unreachable reference. */
  @SuppressWarnings("unused")
  private final PhantomReference<Object> handle;

  private final RootThread root;

  LeakedRootDetector(Object handle, RootThread root) {
    super(1_000_000_000L);
    this.handle = new PhantomReference<>(handle, garbage);
    this.root = root;
  }

  @Override
  public void look() {
    if (garbage.poll() != null) {
      root.leaked();
    }
  }
}
