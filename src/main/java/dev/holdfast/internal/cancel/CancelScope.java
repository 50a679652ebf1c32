package dev.holdfast.internal.cancel;

import dev.holdfast.Deadline;
import dev.holdfast.ScopeCancelledException;
import dev.holdfast.internal.scheduling.DeepParking;
import dev.holdfast.internal.telemetry.ScopeCounters;
import dev.holdfast.internal.util.Printable;
import dev.holdfast.internal.util.StackProbe;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A cancellable region of code on a thread: a forked task, the body of a scope, or a shielded
 * region.
 *
 * <p>The scopes of one thread are nested like its calls. Cancellation spreads along the tree of
 * scopes and their tasks.
 */
public abstract class CancelScope {

  /** Tests replace this by a function that throws an OutOfMemoryError. */
  static volatile Function<CancelScope, Interrupter> interrupters = Interrupter::new;

  private static final VarHandle DECISION;

  static {
    try {
      // Initializes classes early, because a class whose initialization overflows the stack stays
      // unusable, and a full heap has no room for another class.
      MethodHandles.lookup().ensureInitialized(Cancellation.class);
      MethodHandles.lookup().ensureInitialized(DeepParking.class);
      MethodHandles.lookup().ensureInitialized(Printable.class);
      DECISION =
          MethodHandles.lookup().findVarHandle(CancelScope.class, "decision", Cancellation.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * The decision: null while the scope is undecided, then constant. Completion, timeout and cancel
   * race to set it.
   */
  private volatile @Nullable Cancellation decision;

  /** The scope opened in this one on the same thread, if cancellation must reach it. */
  volatile @Nullable CancelScope inner;

  /** The interrupter of this scope, once it has been cancelled. */
  volatile @Nullable Interrupter interrupter;

  /**
   * Whether the thread waits inside Holdfast, which wakes it by unparking. While this is set,
   * Holdfast sends no interrupt to this scope or through it. Guarded by the thread scope's lock;
   * only this thread writes it, and may read it without the lock.
   */
  boolean waiting;

  /**
   * Whether Holdfast has cleared an interrupt from outside, and no exception that leaves this scope
   * has reported it yet. Its own thread only.
   */
  public boolean outsideInterrupt;

  /** The latest exception Holdfast threw for an interrupt from outside. Its own thread only. */
  private @Nullable InterruptedException fromOutside;

  /** How often Holdfast has reported that this scope does not stop. The timer thread only. */
  byte reports;

  /** The number of scopes that enclose this one on its thread. */
  public final int depth;

  public CancelScope(int depth) {
    this.depth = depth;
  }

  /** {@return the thread scope of the thread that this runs on} */
  public abstract ThreadScope threadScope();

  /** {@return the enclosing scope on the same thread} */
  public abstract @Nullable CancelScope outer();

  /**
   * {@return the scope whose cancellation cancels this one: the enclosing scope, or the scope of a
   * task}
   */
  public @Nullable CancelScope parent() {
    return outer();
  }

  /** {@return the deadline of the code in this scope} */
  public abstract Deadline deadline();

  /** {@return the name of this scope in messages} */
  public abstract String label();

  /** {@return whether this is a task, and not a region opened in one} */
  public boolean isTask() {
    return false;
  }

  /** {@return the name alone, for lists} */
  public String name() {
    return label();
  }

  /**
   * {@return the innermost scope on this thread that user code has opened, from this one outwards;
   * or null}
   */
  public @Nullable CancelScope userScope() {
    CancelScope around = outer();
    return around == null ? null : around.userScope();
  }

  /** {@return the number of this scope in flight recordings; 0 unless user code has opened it} */
  public long recordedId() {
    return 0;
  }

  /** {@return the number of the enclosing scope in flight recordings; 0 if there is none} */
  public final long recordedParent() {
    CancelScope around = outer();
    CancelScope user = around == null ? null : around.userScope();
    return user == null ? 0 : user.recordedId();
  }

  /** {@return the counters of this scope, or null if it is not counted} */
  public @Nullable ScopeCounters counters() {
    return null;
  }

  /** {@return the counters for internal scopes opened in this one, or null} */
  public @Nullable ScopeCounters hostedCounters() {
    return null;
  }

  /** {@return where it was forked, if that was recorded} */
  public List<StackTraceElement> forkSite() {
    return List.of();
  }

  /** {@return whether this scope is closing its resources, which no cancellation interrupts} */
  public boolean isClosing() {
    return false;
  }

  /** Passes to {@code action} the scopes that a cancellation of this one reaches next. */
  public void forEachBelow(Consumer<CancelScope> action) {
    CancelScope below = inner;
    if (below != null) {
      action.accept(below);
    }
  }

  /**
   * Called when a wait on the thread of this scope has thrown because of an interrupt from outside.
   */
  public void ownerInterrupted(InterruptedException thrown) {}

  /** {@return whether this blocks the interrupts of the enclosing scopes} */
  boolean isIsolated() {
    return false;
  }

  /**
   * Called, perhaps several times, if an enclosing scope is cancelled after this one has been
   * decided.
   */
  public void cancelledAround(Cancellation why) {}

  /**
   * Called before each interrupt, once this scope and all scopes and tasks below it are cancelled.
   */
  public void onCancelled() {}

  /** {@return whether this cancelled scope holds back its interrupts and those below} */
  final boolean holdsBack() {
    CancelActions actions = cancelActions();
    return actions != null && actions.isHolding() && cancellation() != null;
  }

  /** {@return whether the cancellation of this scope runs the actions of the scopes below it} */
  public boolean runsActions() {
    return cancellation() != null;
  }

  /** {@return the actions that run when this is cancelled, or null if there are none} */
  public @Nullable CancelActions cancelActions() {
    return null;
  }

  /** {@return whether a thread runs an action because this scope was cancelled} */
  boolean runsActionOn(Thread thread) {
    CancelActions actions = cancelActions();
    return actions != null && actions.runsOn(thread);
  }

  /** {@return whether this scope, or one that it is in, holds back interrupts} */
  final boolean isHeldBack() {
    for (CancelScope scope = this; scope != null; scope = scope.parent()) {
      if (scope.holdsBack()) {
        return true;
      }
    }
    return false;
  }

  /** {@return whether all code of this scope has ended} */
  public abstract boolean hasEnded();

  /**
   * {@return a description, for reports, of the code of this scope that runs at this moment; empty
   * if none does}
   */
  public abstract String running();

  /** {@return the thread that {@link #running} describes, or null} */
  public @Nullable Thread runner() {
    return threadScope().thread();
  }

  /** {@return how long a cancelled scope may take to end before it is late} */
  public long graceNanos() {
    return 0;
  }

  /** Passes this scope and all scopes below it to {@code action}, nearest first. */
  public final void forEach(Consumer<? super CancelScope> action) {
    var open = new ArrayDeque<CancelScope>();
    open.add(this);
    for (CancelScope scope; (scope = open.poll()) != null; ) {
      action.accept(scope);
      scope.forEachBelow(open::add);
    }
  }

  /** Called when all code of this scope has ended. */
  public final void stopInterrupting() {
    Interrupter started = interrupter;
    if (started != null) {
      started.stop();
    }
  }

  public final @Nullable Cancellation decision() {
    return decision;
  }

  /** {@return the cancellation of this scope, or null} */
  public final @Nullable Cancellation cancellation() {
    Cancellation decided = decision;
    return decided == null || decided == Cancellation.COMPLETED ? null : decided;
  }

  public final boolean decide(Cancellation reached) {
    return decision == null && DECISION.compareAndSet(this, null, reached);
  }

  /** {@return the cancellation that makes operations in this scope throw, or null} */
  public final @Nullable Cancellation pending() {
    return isClosing() ? null : cancellation();
  }

  /** Cancels this scope for a reason that user code gives, unless the scope has been decided. */
  public void cancel(String reason) {
    cancel(Cancellation.explicit(label(), reason));
  }

  /**
   * Cancels this scope and everything below it, unless this scope has been decided.
   *
   * @return whether this call cancelled it
   */
  public final boolean cancel(Cancellation why) {
    if (decision != null) {
      return false;
    }
    Interrupter interrupter = beginCancel(why);
    if (interrupter == null) {
      return false;
    }
    endCancel(interrupter);
    return true;
  }

  /**
   * Decides that this scope is cancelled, without interrupting anything.
   *
   * @return the argument for {@link #endCancel}, or null if the scope had already been decided
   */
  public final @Nullable Interrupter beginCancel(Cancellation why) {
    // After the decision nothing may fail, so everything that can fail comes before it.
    StackProbe.ensureRoom();
    Interrupter fresh = interrupters.apply(this);
    if (decide(why)) {
      return fresh;
    }
    fresh.forget();
    return null;
  }

  /** Carries out what {@link #beginCancel} has decided. */
  public final void endCancel(Interrupter interrupter) {
    try {
      propagate();
    } finally {
      interrupter.start();
    }
  }

  /**
   * Passes the cancellation of this scope to everything below it, and interrupts everything that
   * has not ended. May be called again at any time, and then completes an earlier call that failed
   * halfway.
   */
  final void propagate() {
    // A list instead of recursion: the tree may be deeper than the stack of the cancelling thread.
    var reached = new ArrayDeque<CancelScope>();
    var open = new ArrayDeque<CancelScope>();
    open.add(this);
    for (CancelScope scope; (scope = open.poll()) != null; ) {
      Cancellation why = scope.cancellation();
      if (why != null) {
        reached.add(scope);
        Cancellation inherited = why.inherited();
        scope.forEachBelow(below -> {
          if (!below.decide(below.isTask() ? why : inherited)) {
            below.cancelledAround(inherited);
          }
          open.add(below);
        });
      }
    }
    try {
      reached.forEach(CancelScope::onCancelled);
    } finally {
      reached.forEach(scope -> scope.threadScope().interrupt());
    }
  }

  /** Throws if the code in this scope was cancelled. Own thread only. */
  public final void checkpoint() throws InterruptedException {
    Cancellation pending = pending();
    if (pending != null) {
      threadScope().takeInterrupt(this);
      throw pending.interruption();
    }
  }

  /**
   * Records the exception for an interrupt from outside, to recognize it when it leaves the scope.
   */
  final void fromOutside(InterruptedException thrown) {
    fromOutside = thrown;
  }

  /** {@return whether an exception that user code threw stands for an interrupt from outside} */
  public final boolean isFromOutside(InterruptedException thrown) {
    if (thrown == fromOutside) {
      return true;
    }
    return thrown.getCause() instanceof ScopeCancelledException why
        ? why.source() == ScopeCancelledException.Source.CALLER_INTERRUPT
        : !threadScope().isOurs();
  }
}
