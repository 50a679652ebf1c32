package dev.holdfast.internal.scheduling;

/**
 * Decides for how long threads are held back while a probe is late. Not thread-safe; times are in
 * nanoseconds.
 */
final class HoldLimit {

  /*
   * While user code spins with Thread.yield on every carrier, the carriers serve the same queue
   * forever. The probe then makes no progress, however long other threads are held back, and the
   * user code may be waiting for them. So after a period without progress, threads run freely for a
   * period.
   *
   * On a busy machine, a carrier without a processor looks the same. There, threads that run freely
   * for long would starve the others. So that period is short at first, and doubles until a probe
   * has run without it.
   */

  static final long NO_PROGRESS = 20_000_000;
  static final long SHORTEST_RUN = 10_000_000;
  static final long LONGEST_RUN = 40_000_000;

  /** If no waker has run for this time, threads run freely. */
  static final long NO_HELP = 1_000_000_000;

  static final long RUN_WITHOUT_HELP = 2 * NO_HELP;

  /**
   * How often carriers may take threads from the queues for all carriers without reaching the
   * probe.
   */
  static final int MOST_TURNS = 4;

  private long progressAt;
  private long helpedAt;
  private long runUntil;
  private int pendingBefore;
  private int helpedBefore;
  private int turns;
  private boolean running;
  private boolean hasRun;
  private long run = SHORTEST_RUN;

  /** Called when a probe is late. */
  void begin(long now) {
    progressAt = now;
    helpedAt = now;
    turns = 0;
    running = false;
    hasRun = false;
  }

  /** Called when the probe has run. */
  void end() {
    if (!hasRun) {
      run = SHORTEST_RUN;
    }
  }

  /**
   * Decides whether to hold threads back now; called about every millisecond while threads are held
   * back.
   *
   * @param none whether no thread is held back
   * @param pending how many threads of probes have not run
   * @param helped changes when a virtual thread has run that wakes threads
   */
  boolean isHolding(long now, boolean none, int pending, int helped) {
    if (none || helped != helpedBefore) {
      helpedBefore = helped;
      helpedAt = now;
      turns++;
    }
    if (none || pending != pendingBefore) {
      pendingBefore = pending;
      progressAt = now;
      turns = 0;
    }
    if (running && now - runUntil < 0) {
      return false;
    }
    if (running) {
      running = false;
      progressAt = now;
      helpedAt = now;
      turns = 0;
    }
    if (now - helpedAt >= NO_HELP) {
      return letRun(now, RUN_WITHOUT_HELP);
    }
    if (now - progressAt >= NO_PROGRESS && turns >= MOST_TURNS) {
      long length = run;
      run = Math.min(2 * run, LONGEST_RUN);
      return letRun(now, length);
    }
    return true;
  }

  /** Lets threads run freely for a while. {@return false} */
  private boolean letRun(long now, long length) {
    running = true;
    hasRun = true;
    runUntil = now + length;
    return false;
  }
}
