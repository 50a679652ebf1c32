package dev.holdfast.simulation.engine;

import dev.holdfast.simulation.kernel.KernelThreads;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Runs a simulation: its body, its time and its referee. */
public final class Controller extends Turns {

  /** How often the referee runs during one turn before it treats a loop of yields as a wait. */
  private static final int YIELDS = 64;

  /** The limit if the JVM has added a carrier: the referee then mostly sees the strand run. */
  private static final int LOOKS = 5_000;

  /** Since JDK 24, a JVM thread resumes a virtual thread that has received a monitor. */
  private static final long MONITOR_NANOS = 1_000_000;

  /** How often the referee must find no thread running while strands block outside Holdfast. */
  private static final int QUIET = 20;

  /**
   * How many alarms may ring in a row while no strand takes a step. The bound applies only if all
   * pending alarms were set during that time, because an older alarm may still change something.
   */
  private static final int FUTILE = 2_000;

  private static final int MOST_FUTILE = 5_000_000;

  private final Random random;
  private final Outside outside = new Outside();
  private final Referee referee;

  // Guarded by the lock.
  private int rounds;
  private int looks;
  private int quietLooks;

  private long stepsBefore; // this and `futile` detect timers that ring without effect
  private int futile;
  private long alarmsBefore;

  /** Until when, in real time, loops of yields may wait for a thread outside; 0 if none does. */
  private long spinsUntil;

  /** Whether an alarm has just rung, so that a strand may be ready. */
  private boolean rang;

  /** Whether the referee has waited for the JVM to hand over monitors since the last turn. */
  private boolean monitorsAwaited;

  private boolean bodyEnded;
  private long rung;

  /** Creates a simulation that has not begun. */
  public Controller(Chooser chooser, long seed, Limits limits, FaultPlan faults, Account account) {
    this(chooser, seed, limits, faults, account, KernelThreads.withoutThisOne());
  }

  Controller(
      Chooser chooser,
      long seed,
      Limits limits,
      FaultPlan faults,
      Account account,
      @Nullable KernelThreads others) {
    super(chooser, limits, faults, account);
    this.random = new Random(seed);
    this.referee = new Referee(this, others);
  }

  /** Runs the body as the first strand. {@return the verdict, or null if it ended well} */
  public @Nullable Verdict run(Action body) {
    install(this);
    try {
      Thread first =
          Thread.ofVirtual()
              .name("simulation")
              .uncaughtExceptionHandler((thread, thrown) -> fail(thrown))
              .unstarted(() -> runBody(body));
      lock();
      try {
        Strand strand = add(first, () -> "the body");
        ready.remove(strand);
        give(strand);
      } finally {
        lock.unlock();
      }
      referee.run(first);
    } finally {
      install(null);
    }
    return verdict == null ? null : verdict.with(outside.notAwaited());
  }

  /** The body of a simulation. */
  public interface Action {
    void run() throws Throwable;
  }

  private void runBody(Action body) {
    begin();
    Throwable thrown = null;
    try {
      body.run();
    } catch (Throwable t) {
      thrown = t;
    }
    lock();
    try {
      bodyEnded = true;
      if (thrown != null && verdict == null) {
        verdict = Verdicts.failed(thrown);
      }
      if (verdict != null) {
        beginEnding();
      }
    } finally {
      lock.unlock();
    }
    end();
  }

  /** {@return a number that grows while the simulation makes progress; may be stale} */
  long progress() {
    return steps + rung;
  }

  /** {@return the virtual time since the beginning, in nanoseconds} */
  public long elapsed() {
    return now - BEGINNING;
  }

  /** {@return the strand of the current thread; throws if the thread belongs to no simulation} */
  private Strand strand() {
    Strand self = self();
    if (self == null) {
      throw new IllegalStateException(
          "This thread does not belong to the simulation, or the simulation has ended: call this"
              + " in the body or in a task that was started there");
    }
    return self;
  }

  /** Waits until no other thread can run, and at least until the given virtual time. */
  public void settle(long nanos) {
    settle(strand(), now + nanos);
  }

  void delay(Strand self, long nanos) {
    await(self, "a delay that the simulation inserted", now + nanos, true);
  }

  @Override
  protected boolean contains(Thread thread) {
    return super.contains(thread) || referee.is(thread);
  }

  @Override
  void turnBegins() {
    rounds = 0;
    looks = 0;
    quietLooks = 0;
    spinsUntil = 0;
    monitorsAwaited = false;
  }

  @Override
  void strike(FaultPlan.Kind fault, Strand self) {
    faults.strike(fault, this, self);
  }

  @Override
  protected long nanoTime() {
    return released ? System.nanoTime() : now;
  }

  @Override
  protected RandomGenerator random() {
    return random;
  }

  @Override
  public void setAlarm(Object alarm, long at, Runnable ring) {
    lock();
    try {
      alarms.set(alarm, at, ring);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void clearAlarm(Object alarm) {
    lock();
    try {
      alarms.clear(alarm);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int alarms() {
    lock();
    try {
      return alarms.size();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void execute(Runnable action) {
    Thread thread =
        Thread.ofVirtual()
            .name("simulation-action")
            .inheritInheritableThreadLocals(false)
            .unstarted(() -> {
              begin();
              try {
                action.run();
              } finally {
                end();
              }
            });
    adopt(thread, () -> "a background action");
    thread.start();
  }

  /** Advances the time to the next alarm although threads can run, as if they were slow. */
  void hurry() {
    ringNext(NO_LIMIT);
  }

  /** Rings the next alarm that is due by the given time. {@return whether an alarm rang} */
  private boolean ringNext(long until) {
    Runnable ring;
    lock();
    try {
      Alarms.Entry first = alarms.first();
      if (first == null || first.at() - until > 0) {
        return false;
      }
      alarms.clear(first.key());
      now = Math.max(now, first.at());
      rung++;
      if (steps != stepsBefore || first.number() < alarmsBefore) {
        stepsBefore = steps;
        futile = 0;
        alarmsBefore = alarms.set();
      } else if (++futile % FUTILE == 0 && !ending) {
        if (alarms.areAllSetAfter(alarmsBefore)) {
          verdict = Verdicts.deadlock(live);
          beginEnding();
        } else if (futile >= MOST_FUTILE) {
          verdict = Verdicts.livelock(futile + " timers fired while no thread ran", live);
          beginEnding();
        }
      }
      if (verdict == null && now - BEGINNING > limits.nanos()) {
        verdict = Verdicts.livelock("it ran for " + limits.time() + " of virtual time", live);
        beginEnding();
      }
      ring = first.ring();
    } finally {
      lock.unlock();
    }
    ring.run();
    return true;
  }

  /** Makes the decisions that no strand can make. {@return false when the simulation has ended} */
  boolean look() {
    if (released) {
      return false;
    }
    Strand next = null;
    boolean quiet = false;
    boolean monitors = false;
    lock();
    try {
      if (live.isEmpty()) {
        if (alarms.size() == 0 || ending) {
          return false;
        }
        verdict = verdict == null ? Verdicts.leak(live, alarms.size()) : verdict;
        return false;
      }
      boolean settled = haveSettled();
      if (holder != null && settled) {
        checkHolder(holder);
      }
      monitors =
          holder == null && settled && !monitorsAwaited && isMonitorWaitedFor() && !isAnySpinning();
      if (monitors) {
        monitorsAwaited = true;
      } else if (holder == null && settled) {
        if (ready.isEmpty()) {
          quiet = nobodyRuns();
        } else {
          next = choose(null);
          ready.remove(next);
          give(next);
        }
      }
    } finally {
      lock.unlock();
    }
    unpark(next);
    if (monitors) {
      LockSupport.parkNanos(MONITOR_NANOS);
    }
    return !quiet || passTime();
  }

  /** {@return whether an alarm rang in the last check, so that a strand may be ready} */
  boolean hasRung() {
    boolean was = rang;
    rang = false;
    return was;
  }

  /** {@return whether a strand yields in a loop, as far as the referee has seen} */
  boolean isYielding() {
    lock();
    try {
      return rounds > 0 || isAnySpinning();
    } finally {
      lock.unlock();
    }
  }

  /** Takes the turn from a strand that has blocked in other code. */
  private void checkHolder(Strand strand) {
    if (strand.hasEnded()) {
      holder = null;
      remove(strand);
      return;
    }
    if (strand.turn) {
      return;
    }
    switch (strand.thread.getState()) {
      case RUNNABLE -> {
        looks++;
        rounds += strand.isOffCarrier() ? 1 : 0;
        boolean examines = rounds > YIELDS || (rounds > 0 && looks > LOOKS);
        rounds = examines ? 0 : rounds;
        if (examines && strand.isInYield()) {
          strand.state = Strand.State.SPINNING;
          parkedElsewhere.add(strand);
          holder = null;
        }
      }
      case TIMED_WAITING -> block(strand, true);
      default -> block(strand, false);
    }
  }

  private void block(Strand strand, boolean timed) {
    strand.state = Strand.State.BLOCKED;
    strand.examined = false;
    strand.atMonitor = strand.findMonitor();
    parkedElsewhere.add(strand);
    outside.blocked(strand);
    holder = null;
    note(strand, "blocks in other code", null);
    if (timed && verdict == null) {
      verdict = Verdicts.realTime(strand);
      beginEnding();
    }
  }

  /** Waits for threads whose state does not show that they can run. {@return whether none ran} */
  private boolean areAllAtRest(List<Strand> blocked) {
    if (!isAnyOnPlatform() && (blocked.isEmpty() || !outside.mayAct())) {
      return true;
    }
    referee.awaitRest();
    lock();
    try {
      return holder == null && haveSettled() && ready.isEmpty() && nobodyRuns();
    } finally {
      lock.unlock();
    }
  }

  /** Called when no strand can run. {@return false when the simulation has ended} */
  private boolean passTime() {
    Strand settling = null;
    List<Strand> blocked;
    boolean spins;
    lock();
    try {
      blocked = List.copyOf(parkedElsewhere);
      spins = isAnySpinning();
      for (Strand strand : live) {
        if (strand.settlesAt != Strand.NONE) {
          settling = Strand.earlier(settling, strand);
        }
      }
      if (verdict == null) {
        examineBlocked();
      }
    } finally {
      lock.unlock();
    }
    if (++quietLooks < (blocked.isEmpty() ? 2 : QUIET)) { // other threads may be about to run
      return true;
    }
    quietLooks = 0;
    if (!spins && outside.isWorking(blocked)) {
      account.outside();
      return true;
    }
    if (!spins && !areAllAtRest(blocked)) {
      return true;
    }
    boolean mayPass = !bodyEnded || ending;
    if (mayPass && ringNext(settling == null ? NO_LIMIT : settling.settlesAt)) {
      rang = true;
      return countEnding();
    }
    lock();
    try {
      if (settling != null) {
        now = Math.max(now, settling.settlesAt);
        settling.delayed = false;
        wake(settling);
        return true;
      }
    } finally {
      lock.unlock();
    }
    return !ending && (spins ? mayStillSpin() : maySomeoneWake(blocked));
  }

  private boolean maySomeoneWake(List<Strand> blocked) {
    if (outside.wakes(blocked)) {
      account.outside();
    } else if (areAllAtRest(blocked)) {
      fail(bodyEnded ? Verdicts.leak(live, alarms.size()) : Verdicts.deadlock(live));
    }
    return true;
  }

  /** Called when the strands only yield in loops. */
  private boolean mayStillSpin() {
    long time = System.nanoTime();
    if (spinsUntil == 0) {
      spinsUntil = time + Limits.SPIN_NANOS;
    } else if (time - spinsUntil > 0) {
      fail(Verdicts.spinning(live));
    }
    return true;
  }

  /** Counts the steps in which strands may end after a verdict. {@return whether more remain} */
  private boolean countEnding() {
    return !ending || ++endingSteps < Limits.ENDING;
  }

  /** Called by the thread that watches the referee. */
  void giveUp() {
    Strand stuck;
    lock();
    try {
      stuck = holder;
      if (verdict == null) {
        verdict = Verdicts.stuck(stuck, live);
      }
    } finally {
      lock.unlock();
    }
    release();
  }

  /** Lets the strands that have not ended run freely. */
  void release() {
    released = true;
    List<Strand> left;
    lock();
    try {
      left = List.copyOf(live);
      strands.clear();
    } finally {
      lock.unlock();
    }
    for (Strand strand : left) {
      strand.thread.interrupt();
      LockSupport.unpark(strand.thread);
      Carriers.watch(strand);
    }
  }
}
