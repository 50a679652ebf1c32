package dev.holdfast.internal.cancel;

import dev.holdfast.Deadline;
import dev.holdfast.ScopeCancelledException;
import dev.holdfast.internal.telemetry.ScopeCounters;
import dev.holdfast.internal.util.StackProbe;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Something that runs on a thread and can be cancelled: a forked task, the body of a scope, a
 * shielded region.
 *
 * <p>The scopes of one thread are nested like its calls; scopes and the tasks of scopes together
 * make the tree along which cancellation spreads.
 */
public abstract class CancelScope {

  private static final VarHandle DECISION;

  static {
    try {
      // Now: a class whose initialisation overflows the stack later stays broken for good.
      MethodHandles.lookup().ensureInitialized(Cancellation.class);
      DECISION =
          MethodHandles.lookup().findVarHandle(CancelScope.class, "decision", Cancellation.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Null while undecided, then the same for ever: success, time-out and cancel race for it. */
  private volatile @Nullable Cancellation decision;

  /** The scope opened in this one on the same thread, if cancellation is to reach it. */
  volatile @Nullable CancelScope inner;

  /** What keeps interrupting this scope since it was cancelled. */
  volatile @Nullable Interrupter interrupter;

  /**
   * Whether the thread is inside Holdfast, which wakes it by unparking. While set no interrupt is
   * sent to this scope or through it. Guarded by the thread scope's lock.
   */
  boolean waiting;

  /**
   * Whether an interrupt from outside was taken from the thread and nothing that left this scope
   * has stood for it. Its own thread only.
   */
  public boolean outsideInterrupt;

  /** The latest exception Holdfast threw for an interrupt from outside. Its own thread only. */
  private @Nullable InterruptedException fromOutside;

  /** How often it has been reported as not stopping. The timer thread only. */
  byte reports;

  /** How many scopes of its thread are around this one. */
  public final int depth;

  public CancelScope(int depth) {
    this.depth = depth;
  }

  /** {@return the thread scope of the thread that this runs on} */
  public abstract ThreadScope threadScope();

  /** {@return the scope around this one on the same thread} */
  public abstract @Nullable CancelScope outer();

  /** {@return what this is cancelled with: the scope around, or the scope of a task} */
  public @Nullable CancelScope parent() {
    return outer();
  }

  /** {@return the deadline of what runs here} */
  public abstract Deadline deadline();

  /** {@return the name of this scope in messages} */
  public abstract String label();

  /** {@return whether this is the whole of a task, and not a region opened in one} */
  public boolean isTask() {
    return false;
  }

  /** {@return the name alone, for lists} */
  public String name() {
    return label();
  }

  /** {@return the scope of the user's that this is in, or null} */
  public @Nullable CancelScope userScope() {
    CancelScope around = outer();
    return around == null ? null : around.userScope();
  }

  /** {@return what is counted of this scope; only a scope is counted} */
  public @Nullable ScopeCounters counters() {
    return null;
  }

  /** {@return what counts the scopes opened in this one, if they are not the user's but its own} */
  public @Nullable ScopeCounters hostedCounters() {
    return null;
  }

  /** {@return where it was forked, if that was recorded} */
  public List<StackTraceElement> forkSite() {
    return List.of();
  }

  /** {@return whether this is a scope closing its resources, which no cancellation disturbs} */
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

  /** Called when a wait of its thread has thrown for an interrupt from outside. */
  public void ownerInterrupted(InterruptedException thrown) {}

  /** {@return whether no interrupt for what is around this passes through it} */
  boolean isIsolated() {
    return false;
  }

  /** Called, perhaps several times, if what is around is cancelled after this was decided. */
  public void cancelledAround(Cancellation why) {}

  /** Called when this and everything below is cancelled, before each interrupt. */
  public void onCancelled() {}

  /** {@return whether no interrupt is to reach this and what is below, though it is cancelled} */
  private boolean holdsBack() {
    CancelActions actions = cancelActions();
    return actions != null && actions.isHolding() && cancellation() != null;
  }

  /** {@return the actions that run when this is cancelled, or null if there are none} */
  public @Nullable CancelActions cancelActions() {
    return null;
  }

  /** {@return whether this, or something it is in, holds back interrupts} */
  final boolean isHeldBack() {
    for (CancelScope scope = this; scope != null; scope = scope.parent()) {
      if (scope.holdsBack()) {
        return true;
      }
    }
    return false;
  }

  /** {@return whether nothing of this scope runs any more} */
  public abstract boolean hasEnded();

  /** {@return what of this scope runs at this moment, for reports; empty if nothing does} */
  public abstract String running();

  /** {@return the thread that {@link #running} is about, or null} */
  public @Nullable Thread runner() {
    return threadScope().thread();
  }

  /** {@return how long a cancelled scope may take before it is late} */
  public long graceNanos() {
    return 0;
  }

  /** Passes this scope and all below to {@code action}, nearest first. */
  public final void forEach(Consumer<? super CancelScope> action) {
    var open = new ArrayDeque<CancelScope>();
    open.add(this);
    for (CancelScope scope; (scope = open.poll()) != null; ) {
      action.accept(scope);
      scope.forEachBelow(open::add);
    }
  }

  /** Called when nothing of this scope runs any more. */
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

  /** {@return the cancellation that operations in this scope have to obey, or null} */
  public final @Nullable Cancellation pending() {
    return isClosing() ? null : cancellation();
  }

  /** Cancels this scope for a reason that its user gives, unless it is decided. */
  public void cancel(String reason) {
    cancel(Cancellation.explicit(label(), reason));
  }

  /**
   * Cancels this scope and everything below it, unless it is decided.
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
   * Decides that this scope is cancelled, and does no more.
   *
   * @return what to hand to {@link #endCancel}, or null if it was decided already
   */
  public final @Nullable Interrupter beginCancel(Cancellation why) {
    // What is decided has to be carried out: whatever can fail comes before.
    StackProbe.ensureRoom();
    var fresh = new Interrupter(this);
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
   * Passes the cancellation of this scope to everything below it, and interrupts all that has not
   * ended. May be called again at any time; so it mends what an earlier call left half done.
   */
  final void propagate() {
    // A list, not recursion: the tree may be deeper than the stack of whoever cancels.
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

  /** Throws if what runs here was cancelled; for its own thread. */
  public final void checkpoint() throws InterruptedException {
    Cancellation pending = pending();
    if (pending != null) {
      threadScope().takeInterrupt(this);
      throw pending.interruption();
    }
  }

  /** {@return the exception for an interrupt from outside; it is known again when it gets out} */
  final InterruptedException fromOutside(String message) {
    var exception = new InterruptedException(message);
    fromOutside = exception;
    return exception;
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
