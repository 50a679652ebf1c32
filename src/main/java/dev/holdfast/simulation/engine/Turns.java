package dev.holdfast.simulation.engine;

import dev.holdfast.internal.clock.Simulator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The strands of a simulation, and which of them has the turn. */
abstract class Turns extends Simulator {

  /*
   * One strand has the turn. It keeps it until it reaches a scheduling point at which the chooser
   * picks another, waits in Holdfast, ends, or blocks in other code. In the first three cases it
   * passes the turn itself: it marks the next strand and unparks it. In the last case the referee
   * takes the turn away. The referee is a virtual thread that yields in a loop. There is one
   * carrier, so the referee runs exactly when the strand with the turn is off the carrier: parked,
   * or in a yield.
   *
   * A BLOCKED strand that was awakened, by a lock that another released for example, runs without
   * the turn until its next scheduling point. So while there are BLOCKED strands, the others leave
   * each decision to the referee, which waits until all of them are parked or READY. This keeps
   * the decisions independent of the moment at which the JVM continues a thread.
   *
   * No strand can run if none is READY and none of the others is runnable by the state of its
   * thread. Then the referee first ends the waits for that (settle), then rings the next alarm.
   *
   * No decision depends on the real time. Strands are listed by number.
   */

  /** The virtual time at the beginning; not zero, which some code takes for "never". */
  static final long BEGINNING = 1_000_000_000_000L;

  private final Chooser chooser;
  final FaultPlan faults;
  final Limits limits;
  final Account account;

  final ReentrantLock lock = new ReentrantLock();
  final Map<Thread, Strand> strands = new ConcurrentHashMap<>();

  // Guarded by the lock.
  final List<Strand> live = new ArrayList<>();
  final List<Strand> ready = new ArrayList<>();
  final List<Strand> parkedElsewhere = new ArrayList<>();
  final Alarms alarms = new Alarms();
  @Nullable Strand holder;
  @Nullable Verdict verdict;
  int endingSteps;
  long steps;
  private @Nullable Strand last;
  private int numbers;

  // Written under the lock.
  volatile long now = BEGINNING;
  volatile boolean ending;

  /** Whether the strands run freely, because they did not end after a verdict. */
  volatile boolean released;

  Turns(Chooser chooser, Limits limits, FaultPlan faults, Account account) {
    this.chooser = chooser;
    this.limits = limits;
    this.faults = faults;
    this.account = account;
  }

  /** Lets a fault strike the current strand. */
  abstract void strike(FaultPlan.Kind fault, Strand self);

  /** Called when a strand has been given the turn. */
  abstract void turnBegins();

  /** Acquires the lock without parking; no thread parks while it holds the lock. */
  void lock() {
    Carriers.lock(lock);
  }

  // ---- strands

  Strand add(Thread thread, Supplier<String> label) {
    var strand = new Strand(numbers++, thread, label);
    chooser.made(strand);
    strands.put(thread, strand);
    live.add(strand);
    ready(strand);
    return strand;
  }

  /** Inserts a strand by its number. */
  private void ready(Strand strand) {
    strand.state = Strand.State.READY;
    int at = ready.size();
    while (at > 0 && ready.get(at - 1).id > strand.id) {
      at--;
    }
    ready.add(at, strand);
  }

  @Nullable Strand self() {
    return strand(Thread.currentThread());
  }

  /** {@return the strand of the current thread, or null} */
  private @Nullable Strand strand(Thread current) {
    // Read without the lock: a strand that ends has seen that it is not the holder.
    Strand strand = holder;
    return strand != null && strand.thread == current && !released ? strand : strands.get(current);
  }

  @Override
  protected boolean contains(Thread thread) {
    return strand(thread) != null;
  }

  @Override
  protected void adopt(Thread thread, Supplier<String> label) {
    lock();
    try {
      add(thread, label);
    } finally {
      lock.unlock();
    }
  }

  @Override
  protected void beginThread() {
    Strand self = self();
    if (self != null) {
      awaitTurn(self);
      note(self, "begins", null);
    }
  }

  @Override
  protected void endThread() {
    Strand self = self();
    if (self != null) {
      note(self, "ends", null);
      lock();
      Strand next;
      try {
        next = leave(self);
        remove(self);
      } finally {
        lock.unlock();
      }
      unpark(next);
    }
  }

  void remove(Strand strand) {
    strand.state = Strand.State.ENDED;
    strands.remove(strand.thread);
    live.remove(strand);
    ready.remove(strand);
    parkedElsewhere.remove(strand);
    alarms.clear(strand);
  }

  // ---- turns

  @Override
  protected void reach(String operation, @Nullable Object subject) {
    Strand self = self();
    if (self == null || released) {
      return;
    }
    note(self, operation, subject);
    FaultPlan.Kind fault = ending ? null : faults.at(steps);
    if (fault != null) {
      note(self, "suffers", fault);
      strike(fault, self);
    }
    Strand next = null;
    lock();
    try {
      countStep();
      ready(self);
      if (holder == self && parkedElsewhere.isEmpty()) {
        next = choose(self);
        ready.remove(next);
        if (next == self) {
          self.state = Strand.State.RUNNING;
          self.streak++;
          return;
        }
        give(next);
      } else {
        leave(self);
      }
    } finally {
      lock.unlock();
    }
    unpark(next);
    awaitTurn(self);
  }

  void note(Strand strand, String operation, @Nullable Object subject) {
    if (!ending) {
      account.reached(strand, now, operation, subject);
    }
  }

  private void countStep() {
    steps++;
    if (ending && ++endingSteps > Limits.ENDING) {
      released = true;
    }
    if (verdict == null && steps > limits.steps()) {
      verdict = Verdicts.livelock("it took " + limits.steps() + " steps", live);
      beginEnding();
    }
  }

  Strand choose(@Nullable Strand current) {
    Strand before = last;
    Strand next = ready.get(0);
    if (ready.size() > 1) {
      next = chooser.choose(ready, current, before);
      if (!ending) {
        account.chosen(before, next, current, ready);
      }
      if (before != null) {
        before.decisions++;
      }
    }
    return next;
  }

  /**
   * Takes the turn from a strand, and picks the next one if that need not be left to the referee.
   */
  private @Nullable Strand leave(Strand self) {
    parkedElsewhere.remove(self);
    if (holder != self) {
      return null;
    }
    holder = null;
    if (!parkedElsewhere.isEmpty() || ready.isEmpty()) {
      return null;
    }
    Strand next = choose(null);
    ready.remove(next);
    give(next);
    return next;
  }

  void give(Strand next) {
    next.state = Strand.State.RUNNING;
    next.streak = last == next ? next.streak + 1 : 0;
    next.turn = true;
    holder = next;
    last = next;
    turnBegins();
  }

  static void unpark(@Nullable Strand next) {
    if (next != null) {
      LockSupport.unpark(next.thread);
    }
  }

  /** Parks until the strand has the turn. An interrupt makes a waiting strand ready. */
  private void awaitTurn(Strand self) {
    boolean interrupted = false;
    while (!self.turn && !released) {
      LockSupport.park();
      if (Thread.interrupted()) {
        interrupted = true;
        wake(self);
      }
    }
    self.takeTurn();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  protected void park(@Nullable Object blocker, long nanos) {
    Strand self = self();
    if (self == null || released) {
      if (nanos == NO_LIMIT) {
        LockSupport.park(blocker);
      } else {
        LockSupport.parkNanos(blocker, nanos);
      }
      return;
    }
    if (Thread.currentThread().isInterrupted()) {
      return;
    }
    await(self, blocker, nanos == NO_LIMIT ? NO_LIMIT : now + nanos, false);
  }

  /**
   * Waits for a wake-up or until the given time.
   *
   * @param delayed whether only the time ends the wait
   */
  void await(Strand self, @Nullable Object blocker, long until, boolean delayed) {
    lock();
    Strand next;
    try {
      if (self.permit && !delayed) {
        self.permit = false;
        return;
      }
      countStep();
      self.state = Strand.State.WAITING;
      self.delayed = delayed;
      if (until != NO_LIMIT) {
        alarms.set(self, until, () -> timedOut(self));
      }
      LockSupport.setCurrentBlocker(blocker);
      next = leave(self);
    } finally {
      lock.unlock();
    }
    unpark(next);
    awaitTurn(self);
    LockSupport.setCurrentBlocker(null);
  }

  /** Waits until all other strands wait and the given time has arrived. */
  void settle(Strand self, long until) {
    lock();
    Strand next;
    try {
      self.settlesAt = until;
      self.state = Strand.State.WAITING;
      self.delayed = true;
      next = leave(self);
    } finally {
      lock.unlock();
    }
    unpark(next);
    awaitTurn(self);
  }

  private void timedOut(Strand strand) {
    lock();
    try {
      strand.delayed = false;
      wake(strand);
    } finally {
      lock.unlock();
    }
  }

  void wake(Strand strand) {
    lock();
    try {
      if (strand.state != Strand.State.WAITING || (strand.delayed && !ending)) {
        strand.permit = true;
      } else {
        alarms.clear(strand);
        strand.settlesAt = Strand.NONE;
        strand.delayed = false;
        ready(strand);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  protected boolean wake(Thread thread) {
    Strand strand = strands.get(thread);
    if (strand == null || released) {
      return false;
    }
    wake(strand);
    return true;
  }

  // ---- strands that lost the turn

  /** {@return whether every strand without the turn is at rest} */
  boolean haveSettled() {
    boolean settled = areParked();
    return settled && areParked(); // one strand may have woken another in the meantime
  }

  private boolean areParked() {
    boolean settled = true;
    for (Strand strand : List.copyOf(parkedElsewhere)) {
      if (strand.hasEnded()) {
        remove(strand);
      } else if (strand.state == Strand.State.BLOCKED) {
        settled &= !strand.isRunnable();
      }
    }
    return settled;
  }

  /** {@return whether all strands are parked, including those that user code has interrupted} */
  boolean nobodyRuns() {
    for (Strand strand : live) {
      if (strand.state == Strand.State.WAITING && strand.isRunnable()) {
        return false;
      }
    }
    return true;
  }

  /** {@return whether a strand is a platform thread, whose state lags behind} */
  boolean isAnyOnPlatform() {
    lock();
    try {
      return live.stream().anyMatch(strand -> !strand.thread.isVirtual());
    } finally {
      lock.unlock();
    }
  }

  /** {@return whether a strand is blocked at a monitor} */
  boolean isMonitorWaitedFor() {
    for (Strand strand : parkedElsewhere) {
      if (strand.isAtMonitor()) {
        return true;
      }
    }
    return false;
  }

  /** {@return whether a strand yields in a loop, as far as the referee has seen} */
  boolean isAnySpinning() {
    for (Strand strand : parkedElsewhere) {
      if (strand.state == Strand.State.SPINNING) {
        return true;
      }
    }
    return false;
  }

  // Not those that yield: JDK 21 itself yields until it gets a stack, and does so under the lock.
  void examineBlocked() {
    for (Strand strand : parkedElsewhere) {
      if (strand.state == Strand.State.BLOCKED && !strand.examined && verdict == null) {
        strand.examined = true;
        if (Verdicts.isInSocket(strand)) {
          verdict = Verdicts.realTime(strand);
          beginEnding();
          return;
        }
      }
    }
  }

  /** {@return whether the strand with the turn runs on the carrier} */
  boolean isCarrierHeld() {
    lock();
    try {
      return holder != null && !holder.isOffCarrier();
    } finally {
      lock.unlock();
    }
  }

  // ---- the end

  /** Fails the simulation because of an exception outside the body. */
  public void fail(Throwable thrown) {
    fail(Verdicts.failed(thrown));
  }

  /** Ends the simulation early. */
  void fail(Verdict why) {
    lock();
    try {
      if (verdict == null) {
        verdict = why;
        beginEnding();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends the strands after a verdict, by interrupts. */
  void beginEnding() {
    if (!ending) {
      ending = true;
      List.copyOf(live)
          .forEach(strand -> {
            strand.thread.interrupt();
            wake(strand);
          });
    }
  }
}
