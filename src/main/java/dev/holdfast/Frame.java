package dev.holdfast;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Something that runs on a thread and can be cancelled: a forked task, the body of a scope, a
 * shielded region.
 *
 * <p>The frames of one thread are nested like its calls; frames and the tasks of scopes together
 * make the tree along which cancellation spreads.
 */
abstract sealed class Frame permits Strand, ScopeFrame, Shield {

  private static final VarHandle VERDICT;

  static {
    try {
      VERDICT = MethodHandles.lookup().findVarHandle(Frame.class, "verdict", Cancellation.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Null while undecided, then the same for ever: success, time-out and cancel race for it. */
  private volatile @Nullable Cancellation verdict;

  /** The frame opened in this one on the same thread, if cancellation is to reach it. */
  volatile @Nullable Frame inner;

  /** What keeps interrupting this frame since it was cancelled. */
  volatile @Nullable Nag nag;

  /**
   * Whether the thread is inside Holdfast, which wakes it by unparking. While set no interrupt is
   * sent to this frame or through it. Guarded by the strand's lock.
   */
  boolean waiting;

  /** {@return what the thread of this frame is to Holdfast} */
  abstract Strand strand();

  /** {@return the frame around this one on the same thread} */
  abstract @Nullable Frame outer();

  /** {@return the deadline of what runs here} */
  abstract Deadline deadline();

  /** {@return how messages call this frame} */
  abstract String label();

  /** {@return whether this is a scope closing its resources, which no cancellation disturbs} */
  boolean closing() {
    return false;
  }

  /** Passes to {@code action} the frames that a cancellation of this one reaches next. */
  void forEachBelow(Consumer<Frame> action) {
    Frame below = inner;
    if (below != null) {
      action.accept(below);
    }
  }

  /** Called once per frame after everything below it has been cancelled and interrupted. */
  void onCancelled() {}

  /** {@return whether nothing of this frame runs any more} */
  abstract boolean hasEnded();

  /** {@return how long a cancelled frame may take before it is late} */
  long graceNanos() {
    return 0;
  }

  /** Passes every task to {@code action} that runs in this frame or below, nearest first. */
  final void forEachRunning(Consumer<? super Child> action) {
    var open = new ArrayDeque<Frame>();
    open.add(this);
    for (Frame frame; (frame = open.poll()) != null; ) {
      if (frame instanceof Child child && !child.hasEnded()) {
        action.accept(child);
      }
      frame.forEachBelow(open::add);
    }
  }

  /** Called when nothing of this frame runs any more. */
  final void stopNagging() {
    Nag nagging = nag;
    if (nagging != null) {
      Housekeeper.clear(nagging);
    }
  }

  final @Nullable Cancellation verdict() {
    return verdict;
  }

  /** {@return the cancellation of this frame, or null} */
  final @Nullable Cancellation cancellation() {
    Cancellation decided = verdict;
    return decided == null || decided == Cancellation.COMPLETED ? null : decided;
  }

  final boolean decide(Cancellation decision) {
    return verdict == null && VERDICT.compareAndSet(this, null, decision);
  }

  /** {@return the cancellation that operations in this frame have to obey, or null} */
  final @Nullable Cancellation pending() {
    return closing() ? null : cancellation();
  }

  /**
   * Cancels this frame and everything below it, unless it is decided.
   *
   * @return whether this call cancelled it
   */
  final boolean cancel(Cancellation why) {
    if (!decide(why)) {
      return false;
    }
    // A list, not recursion: the tree may be deeper than the stack of whoever cancels.
    var reached = new ArrayDeque<Frame>();
    var open = new ArrayDeque<Frame>();
    open.add(this);
    Cancellation inherited = why.inherited();
    for (Frame frame; (frame = open.poll()) != null; ) {
      reached.add(frame);
      boolean tasksOfWhatWasCancelled = frame == this;
      frame.forEachBelow(below -> {
        Cancellation reason = tasksOfWhatWasCancelled && below instanceof Child ? why : inherited;
        if (below.decide(reason)) {
          open.add(below);
        }
      });
    }
    reached.forEach(frame -> frame.strand().interrupt(frame));
    reached.forEach(Frame::onCancelled);
    Nag.start(this);
    return true;
  }

  /** Interrupts again whatever is cancelled and has not ended. */
  final void interruptAgain() {
    var open = new ArrayDeque<Frame>();
    open.add(this);
    for (Frame frame; (frame = open.poll()) != null; ) {
      if (frame.cancellation() != null) {
        frame.strand().interrupt(frame);
        frame.forEachBelow(open::add);
      }
    }
  }

  /** Throws if what runs here was cancelled. */
  final void checkpoint() throws InterruptedException {
    Cancellation pending = pending();
    if (pending != null) {
      strand().consumeOwnInterrupt();
      throw pending.interruption();
    }
  }
}
