package dev.holdfast;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;

/** Looks once a second whether the handle of a root has become garbage. */
final class LostRoot extends Alarm {

  private static final long PERIOD_NANOS = 1_000_000_000L;

  private final ReferenceQueue<RootScope> garbage = new ReferenceQueue<>();

  /** Kept: a reference that is garbage itself is never queued. */
  @SuppressWarnings("unused")
  private final PhantomReference<RootScope> handle;

  private final Root root;
  private volatile boolean stopped;

  LostRoot(RootScope handle, Root root) {
    this.handle = new PhantomReference<>(handle, garbage);
    this.root = root;
  }

  void start() {
    Housekeeper.set(this, System.nanoTime() + PERIOD_NANOS);
  }

  void stop() {
    stopped = true;
    Housekeeper.clear(this);
  }

  @Override
  void ring() {
    if (garbage.poll() != null) {
      root.lost();
      return;
    }
    if (!stopped) {
      Housekeeper.set(this, System.nanoTime() + PERIOD_NANOS);
    }
    if (stopped) {
      Housekeeper.clear(this);
    }
  }
}
