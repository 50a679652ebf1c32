package dev.holdfast.diagnostics;

import dev.holdfast.inspect.ScopeStats;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Shows the scopes, tasks, guards and channels of this JVM as Micrometer meters.
 *
 * {@snippet class="dev.holdfast.doc.MonitoringPatterns" region="metrics"}
 *
 * <p>There is one set of meters for each name that was given with {@code named}, with the tag
 * {@code scope}, one for all scopes without a name, and one for the names that were too many; see
 * {@link ScopeStats}. Channels are shown if they were given a name, with the tag {@code channel}.
 * Names that come later are found when a meter is read, and have their own meters at the next time.
 *
 * <table>
 * <caption>The meters</caption>
 * <thead>
 * <tr><th scope="col">name<th scope="col">type<th scope="col">what it tells
 * </thead>
 * <tbody>
 * <tr><th scope="row">{@code holdfast.scopes.open}
 *   <td>gauge<td>scopes that have not ended
 * <tr><th scope="row">{@code holdfast.scopes.opened}
 *   <td>counter<td>scopes that were opened
 * <tr><th scope="row">{@code holdfast.scopes.timeouts}
 *   <td>counter<td>scopes that were cancelled by their deadline
 * <tr><th scope="row">{@code holdfast.scope.close}
 *   <td>timer<td>scopes that were cancelled and have ended: how many, and the time from the one to
 *   the other
 * <tr><th scope="row">{@code holdfast.tasks.live}
 *   <td>gauge<td>tasks that have not ended, workers included
 * <tr><th scope="row">{@code holdfast.tasks.started}
 *   <td>counter<td>tasks that were forked, workers included
 * <tr><th scope="row">{@code holdfast.tasks.completed}
 *   <td>counter<td>tasks that have ended, by {@code outcome}: {@code succeeded}, {@code failed},
 *   {@code cancelled}
 * <tr><th scope="row">{@code holdfast.tasks.oldest.age}
 *   <td>gauge, seconds<td>the age of the oldest task; workers, which may be old, do not count
 * <tr><th scope="row">{@code holdfast.tasks.stuck}
 *   <td>gauge<td>tasks and bodies that run on although they were cancelled: this was read of them
 *   before, at least a second ago
 * <tr><th scope="row">{@code holdfast.tasks.reported}
 *   <td>counter<td>tasks that were reported to the log, by {@code kind}: {@code stuck}, {@code
 *   stalled}; the same one again when it is ten times as late
 * <tr><th scope="row">{@code holdfast.guard.rejected}
 *   <td>counter<td>calls that a guard of this name has not let in
 * <tr><th scope="row">{@code holdfast.channel.size}
 *   <td>gauge<td>elements in the channels of this name
 * <tr><th scope="row">{@code holdfast.channel.capacity}
 *   <td>gauge<td>elements they can hold
 * <tr><th scope="row">{@code holdfast.channel.waiting}
 *   <td>gauge<td>operations that wait, by {@code operation}: {@code send}, {@code receive}
 * <tr><th scope="row">{@code holdfast.channel.blocked}
 *   <td>gauge, seconds<td>for how long the one that waits longest has been waiting, by {@code
 *   operation}: {@code send}, {@code receive}, {@code select}; threads in no scope do not count
 * </tbody>
 * </table>
 *
 * <p>All meters of one scrape show the same moment: what was read is kept for half a second. Needs
 * {@code io.micrometer:micrometer-core}. Thread-safe.
 *
 * @since 0.1
 */
public final class HoldfastMetrics implements MeterBinder, AutoCloseable {

  private final Tags tags;
  private final Readings readings;
  private final ConcurrentHashMap<MeterRegistry, BoundMeters> bound = new ConcurrentHashMap<>();

  /** Makes metrics without tags of their own. */
  public HoldfastMetrics() {
    this(Tags.empty());
  }

  /**
   * Makes metrics.
   *
   * @param tags tags for all meters, besides their own
   * @throws NullPointerException if {@code tags} is {@code null}
   */
  public HoldfastMetrics(Iterable<Tag> tags) {
    this(tags, new Readings(System::nanoTime));
  }

  HoldfastMetrics(Iterable<Tag> tags, Readings readings) {
    this.tags = Tags.of(Objects.requireNonNull(tags, "tags"));
    this.readings = readings;
  }

  /**
   * Registers the meters, which stay until {@link #close}. Of no effect the second time with the
   * same registry.
   *
   * @param registry where to; several get the same figures
   * @throws NullPointerException if {@code registry} is {@code null}
   */
  @Override
  public void bindTo(MeterRegistry registry) {
    Objects.requireNonNull(registry, "registry");
    bound.computeIfAbsent(registry, to -> new BoundMeters(to, tags, readings)).refresh();
  }

  /** Removes the meters from all registries. They can be bound again. */
  @Override
  public void close() {
    for (MeterRegistry registry : bound.keySet()) {
      BoundMeters meters = bound.remove(registry);
      if (meters != null) {
        meters.remove();
      }
    }
  }
}
