package dev.holdfast;

/**
 * How often a worker was started, and how often it ticked.
 *
 * @param starts how often the worker was started, restarts included
 * @param ticks how often the action of {@link Scope#every} or {@link Scope#after} was called
 * @param missed how many ticks of {@link Scope#every} were skipped, because the action still ran or
 *     the machine paused
 * @since 0.1
 */
public record WorkerStats(long starts, long ticks, long missed) {}
