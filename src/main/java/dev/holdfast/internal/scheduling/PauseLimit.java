package dev.holdfast.internal.scheduling;

/**
 * Decides when paused threads continue although the probe has not run, and for how long threads
 * then only yield. Not thread-safe; times are in nanoseconds.
 */
final class PauseLimit {

  /*
   * A carrier that user code keeps busy with Thread.yield serves the same queue forever, so the
   * probe makes no progress. On a busy machine, a carrier without a processor looks the same.
   * There, a long period without pauses would let the threads that yield starve the others. So the
   * period is short at first, and doubles with each rescue until a pause has ended without one.
   */

  enum Step {
    WAIT,
    /** Virtual threads release the paused threads. */
    RESCUE,
    /** The caller releases them: no virtual thread has run for long. */
    RELEASE
  }

  static final long NO_PROGRESS = 20_000_000;
  static final long LONGEST = 2 * NO_PROGRESS;
  static final long SHORTEST_YIELD = 10_000_000;
  static final long LONGEST_YIELD = 40_000_000;

  private static final int MOST_RESCUES = 150;
  private static final long NO_RESCUE = 1_000_000_000L;
  private static final long YIELD_AFTER_RELEASE = 2_000_000_000L;

  private long emptyAt;
  private long progressAt;
  private int pendingBefore;
  private int rescues;
  private boolean rescued;
  private long rescueYield = SHORTEST_YIELD / 2;
  private long yieldOnly;

  /** A probe is late. */
  void begin(long now, int pending) {
    emptyAt = now;
    progressAt = now;
    pendingBefore = pending;
    rescues = 0;
    rescued = false;
  }

  /** The probe has run. */
  void end() {
    if (!rescued) {
      rescueYield = SHORTEST_YIELD / 2;
    }
  }

  /**
   * Decides what to do now; called about every millisecond.
   *
   * @param empty whether no thread is paused
   * @param pending how many threads of the probe have not run
   */
  Step next(long now, boolean empty, int pending) {
    if (empty) {
      emptyAt = now;
      rescues = 0;
    }
    if (empty || pending != pendingBefore) {
      progressAt = now;
      pendingBefore = pending;
    }
    if (now - progressAt < NO_PROGRESS && now - emptyAt < LONGEST) {
      return Step.WAIT;
    }
    if (rescues >= MOST_RESCUES && now - emptyAt >= NO_RESCUE) {
      yieldOnly = YIELD_AFTER_RELEASE;
      return Step.RELEASE;
    }
    if (rescues++ == 0) {
      rescueYield = Math.min(2 * rescueYield, LONGEST_YIELD);
    }
    rescued = true;
    yieldOnly = rescueYield;
    return Step.RESCUE;
  }

  /** {@return for how long threads only yield after a step that releases paused threads} */
  long yieldOnly() {
    return yieldOnly;
  }
}
