package dev.holdfast.channel;

/**
 * How long a thread that has to wait at one side of a channel looks around before it parks: learned
 * from how it went so far.
 *
 * <p>Parking and being woken takes a virtual thread a third of a microsecond on its own carrier,
 * and about a whole one when another carrier has to wake up for it. If the counterpart is running
 * at this moment, it is quicker to look again for as long; if it is not, every look is wasted, and
 * may be the very thing that keeps it from running. Which of the two it is a library cannot see,
 * but it can try: one wait in 64 looks for a while. As soon as that pays, all do; as soon as it
 * does not, it is tried half as often, down to one wait in 4096.
 *
 * <p>The fields are written without a lock: what gets lost is a lesson that comes again.
 */
class Patience {

  /** Nobody can run beside us. */
  private static final boolean ALONE =
      Runtime.getRuntime().availableProcessors() == 1
          || "1".equals(System.getProperty("jdk.virtualThreadScheduler.parallelism"));

  private static final int MOST_NANOS = 4_000;
  private static final int LEAST_NANOS = 500;

  private static final int SHORTEST_GAP = 64;
  private static final int LONGEST_GAP = 4_096;

  /** For how long to look; 0 if it is not worth it. */
  private short nanos;

  private short gap = SHORTEST_GAP;

  /** So many waits from now it is tried again. */
  private short untilTried = SHORTEST_GAP;

  /** {@return for how long to look around now} */
  final int nanos() {
    if (nanos > 0 || ALONE) {
      return nanos;
    }
    if (--untilTried > 0) {
      return 0;
    }
    untilTried = gap;
    return MOST_NANOS;
  }

  /** Learns whether it was in time. */
  final void learn(boolean inTime) {
    if (inTime) {
      if (nanos < MOST_NANOS) { // only then: others read the cache line
        nanos = MOST_NANOS;
        gap = SHORTEST_GAP;
      }
    } else if (nanos == 0) {
      gap = (short) Math.min(2 * gap, LONGEST_GAP);
    } else {
      nanos = (short) (nanos / 2 < LEAST_NANOS ? 0 : nanos / 2);
    }
  }
}
