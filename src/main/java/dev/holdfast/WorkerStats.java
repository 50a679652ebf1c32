package dev.holdfast;

/**
 * What a worker has done so far.
 *
 * @param starts how often it was started: once, and once for each restart
 * @param ticks how often the action of {@link Scope#every} or {@link Scope#after} has begun
 * @param missed how many ticks of {@link Scope#every} fell into an action that still ran, or into a
 *     pause of the machine, and were left out
 * @since 0.1
 */
public record WorkerStats(long starts, long ticks, long missed) {}
