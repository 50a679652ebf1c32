package dev.holdfast.inspect;

/**
 * How long virtual threads wait for a carrier, since the JVM started. While virtual threads park in
 * operations of Holdfast, Holdfast starts a probe every few milliseconds. A probe consists of
 * virtual threads that do nothing. The probe waits about as long as a virtual thread that a timer,
 * a socket or a platform thread has woken. While no thread parks, there are no probes.
 *
 * @param probes how many probes have run
 * @param lateProbes how many probes were late: they did not run within 3 ms, so Holdfast held back
 *     wake-ups until they had run
 * @param waitedNanos the total time that the probes waited for a carrier, in nanoseconds
 * @param waitingNanos how long the current probe has been waiting, in nanoseconds; 0 if none waits
 * @since 0.1
 */
public record CarrierStats(long probes, long lateProbes, long waitedNanos, long waitingNanos) {}
