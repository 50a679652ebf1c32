package dev.holdfast.internal.scope;

import dev.holdfast.Deadline;
import dev.holdfast.internal.cancel.CancelScope;
import dev.holdfast.internal.cancel.Cancellation;
import dev.holdfast.internal.cancel.Cancellation.Kind;
import dev.holdfast.internal.cancel.Failures;
import dev.holdfast.internal.cancel.Interrupter;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.clock.CurrentScope;
import dev.holdfast.internal.scheduling.DeepParking;
import dev.holdfast.internal.scheduling.Wakeups;
import dev.holdfast.internal.scope.Settings.Policy;
import dev.holdfast.internal.telemetry.CarrierReport;
import dev.holdfast.internal.telemetry.CounterRegistry;
import dev.holdfast.internal.telemetry.FullHeapReport;
import dev.holdfast.internal.telemetry.JfrEvents;
import dev.holdfast.internal.telemetry.ScopeCounters;
import dev.holdfast.internal.util.DeadlineAccess;
import dev.holdfast.internal.util.DiscardedValues;
import dev.holdfast.internal.util.ForkSites;
import dev.holdfast.internal.util.Printable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a scope that are fixed when it is opened: its settings, its place in the tree, its
 * deadline, and the collectors of results and failures.
 */
abstract class ScopeBase extends CancelScope {

  /** The latest number given to a scope for flight recordings. */
  private static final AtomicLong RECORDED = new AtomicLong();

  private static final AtomicLongFieldUpdater<ScopeBase> RECORDED_ID =
      AtomicLongFieldUpdater.newUpdater(ScopeBase.class, "recordedId");

  private static final int ATTEMPTS_BEFORE_REPORT = 100;

  final Settings settings;
  final Policy policy;
  private final String name;
  final ThreadScope threadScope;
  final CancelScope outer;
  private final long openedNanos = Clock.nanoTime();

  /** When the body ended, or shortly before; 0 if that is not known. Owner only. */
  private long bodyEndedNanos;

  final ScopeCounters counters;
  private final @Nullable Object event = JfrEvents.beginScope();

  /** The number for flight recordings; 0 before the first request for it. */
  private volatile long recordedId;

  final Deadline deadline;
  private final boolean ownDeadline;

  // Any thread adds.
  private final Failures failures = new Failures();

  /**
   * The exceptions of resources and onCancel actions, except those that only report a cancellation.
   */
  final Failures closing = new Failures();

  /** Null unless the scope is isolated. */
  final @Nullable UnjoinedFailures unjoined;

  private final DiscardedValues discarded;

  static {
    CarrierReport.searchAmong(action ->
        ThreadScope.forEachThread(scope -> {
          Thread thread = scope.thread();
          if (thread != null) {
            action.add(thread, scope instanceof ScopeTask task ? task.ageNanos() : -1);
          }
        }));
    Wakeups.whenStarving(CarrierReport::warn);
    FullHeapReport.prepare();
  }

  ScopeBase(Settings settings, Policy policy, String name, ThreadScope threadScope) {
    super(threadScope.top().depth + 1);
    this.settings = settings;
    this.policy = policy;
    this.name = name;
    this.threadScope = threadScope;
    this.outer = threadScope.top();
    Deadline around = outer.deadline();
    Deadline own = settings.startDeadline();
    this.deadline = own.earliest(around);
    this.ownDeadline = own != Deadline.NONE && deadline == own;
    this.unjoined = settings.isolated() ? new UnjoinedFailures() : null;
    this.discarded = DiscardedValues.of(settings.onDiscarded());
    ScopeCounters hosted = outer.hostedCounters();
    this.counters = hosted == null ? CounterRegistry.ALL.of(settings.name()) : hosted;
  }

  /** {@return whether its deadline is its own, not that of an enclosing scope} */
  final boolean hasOwnDeadline() {
    return ownDeadline;
  }

  /** {@return whether the user opened this scope, so that it is counted} */
  final boolean isCounted() {
    return outer.hostedCounters() == null;
  }

  /** Counts a task. */
  final void countStart() {
    try {
      counters.started.increment();
    } catch (OutOfMemoryError e) {
      // loses a count, but the task must still start
    }
  }

  /** Counts the end of the scope, and records it. */
  final void countEnd(long forked) {
    Cancellation why = cancellation();
    if (why != null) {
      long nanos = Clock.nanoTime() - why.atNanos;
      counters.cancelledScopes.increment();
      counters.closingNanos.add(nanos);
      counters.closingTimes.add(nanos);
      if (why.kind == Kind.DEADLINE) {
        counters.timeouts.increment();
        JfrEvents.timedOut(this::place, name, DeadlineAccess.span(deadline));
      }
    }
    counters.closed.increment();
    if (event != null) {
      Kind kind = why == null ? Kind.COMPLETED : why.kind;
      JfrEvents.endScope(
          event,
          this::place,
          name,
          kind.outcome,
          () -> why == null ? "" : why.reason(),
          (int) forked);
    }
  }

  /** {@return the numbers that flight recordings use for this scope and the enclosing one} */
  final CurrentScope.Place place() {
    return new CurrentScope.Place(recordedId(), recordedParent(), ForkSites.userFrame());
  }

  @Override
  public final long recordedId() {
    if (!isCounted()) {
      CancelScope user = super.userScope();
      return user == null ? 0 : user.recordedId();
    }
    long known = recordedId;
    if (known == 0) {
      RECORDED_ID.compareAndSet(this, 0L, RECORDED.incrementAndGet());
      known = recordedId;
    }
    return known;
  }

  @Override
  public final ThreadScope threadScope() {
    return threadScope;
  }

  @Override
  public final CancelScope outer() {
    return outer;
  }

  @Override
  public final Deadline deadline() {
    return deadline;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final ScopeCounters counters() {
    return counters;
  }

  @Override
  public final @Nullable CancelScope userScope() {
    return isCounted() ? this : super.userScope();
  }

  public final long openedNanos() {
    return openedNanos;
  }

  public final long ageNanos() {
    return Clock.nanoTime() - openedNanos;
  }

  /** Sets the time at which the body ends, or a time shortly before. Owner only. */
  public final void setBodyEnd(long nanos) {
    bodyEndedNanos = nanos;
  }

  /** {@return the time at which the body ended; reads the clock if it was not set} */
  final long bodyEndedNanos() {
    return bodyEndedNanos == 0 ? Clock.nanoTime() : bodyEndedNanos;
  }

  final Policy policy() {
    return policy;
  }

  final boolean isNamed() {
    return settings.name() != null;
  }

  public final Settings settings() {
    return settings;
  }

  @Override
  public final String label() {
    return "Scope '" + Printable.of(name) + "'";
  }

  @Override
  public final long graceNanos() {
    return settings.grace().toNanos();
  }

  /**
   * Waits a moment for memory to cancel the scope, and names the scope after a second.
   *
   * @param waits how often the thread has waited
   * @return the argument for the next wait
   */
  final int awaitMemory(int waits) {
    int next = withoutMemory(waits);
    DeepParking.pause();
    return next;
  }

  /**
   * Counts an attempt to cancel the scope for which there was no memory, and names the scope after
   * a second of such attempts.
   *
   * @param attempts how many there were before
   * @return the argument for the next attempt
   */
  final int withoutMemory(int attempts) {
    boolean named = attempts != ATTEMPTS_BEFORE_REPORT || FullHeapReport.write(name);
    return named ? attempts + 1 : attempts;
  }

  public final @Nullable Interrupter failing(ScopeTask task, Throwable thrown) {
    return unjoined == null
        ? beginCancel(Cancellation.failure(this, task.described(), thrown))
        : null;
  }

  public final void failed(ScopeTask task, Throwable thrown, @Nullable Interrupter interrupter) {
    if (unjoined != null) {
      unjoined.add((UnjoinedFailures.Joinable) task);
    } else if (interrupter == null) {
      failures.add(thrown);
    } else {
      endCancel(interrupter);
    }
  }

  public final void failedLate(Throwable thrown) {
    failures.addLate(thrown);
  }

  public final DiscardedValues discarded() {
    return discarded;
  }

  public final void failedToClose(Throwable thrown) {
    closing.add(thrown);
  }

  public final Failures failures() {
    return failures;
  }

  public final boolean isIsolated() {
    return unjoined != null;
  }

  /** {@return the failures of forks that no thread has joined, or null if it is not isolated} */
  public final @Nullable UnjoinedFailures unjoined() {
    return unjoined;
  }

  /** {@return the exceptions of resources and onCancel actions} */
  final Failures failuresToClose() {
    return closing;
  }
}
