package dev.holdfast.diagnostics;

import dev.holdfast.diagnostics.census.VirtualThreadStates;
import dev.holdfast.diagnostics.metrics.MetricsCollector;
import dev.holdfast.diagnostics.metrics.RegisteredMeters;
import dev.holdfast.diagnostics.metrics.VirtualThreadSampler;
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
 * <p>Each scope name, as given with {@code named}, has a set of meters with the tag {@code scope}.
 * All scopes without a name share one set, and all names beyond the limit share another set; see
 * {@link ScopeStats}. Channels that have a name get meters with the tag {@code channel}. Reading a
 * meter registers meters for new names, which appear in the next scrape.
 *
 * <table>
 * <caption>The meters</caption>
 * <thead>
 * <tr><th scope="col">name<th scope="col">type<th scope="col">what it measures
 * </thead>
 * <tbody>
 * <tr><th scope="row">{@code holdfast.scopes.open}
 *   <td>gauge<td>scopes that have not ended
 * <tr><th scope="row">{@code holdfast.scopes.opened}
 *   <td>counter<td>scopes that were opened
 * <tr><th scope="row">{@code holdfast.scopes.timed.out}
 *   <td>counter<td>scopes that were cancelled by their deadline
 * <tr><th scope="row">{@code holdfast.scope.close}
 *   <td>timer with a histogram<td>the time from the cancellation of a scope to its end, for scopes
 *   that have ended
 * <tr><th scope="row">{@code holdfast.task.duration}
 *   <td>timer<td>the time from the start of a task to its end, for tasks that have ended
 * <tr><th scope="row">{@code holdfast.tasks.live}
 *   <td>gauge<td>tasks that have not ended, workers included
 * <tr><th scope="row">{@code holdfast.tasks.started}
 *   <td>counter<td>tasks that were forked, workers included
 * <tr><th scope="row">{@code holdfast.tasks.completed}
 *   <td>counter<td>tasks that have ended, by {@code outcome}: {@code succeeded}, {@code failed},
 *   {@code cancelled}
 * <tr><th scope="row">{@code holdfast.task.age.max}
 *   <td>gauge, seconds<td>the age of the oldest task; workers, which may be old, are excluded
 * <tr><th scope="row">{@code holdfast.tasks.stuck}
 *   <td>gauge<td>tasks and bodies that are still running at least a second after a reading found
 *   them cancelled
 * <tr><th scope="row">{@code holdfast.tasks.reported}
 *   <td>counter<td>tasks that were reported to the log, by {@code kind}: {@code stuck}, {@code
 *   stalled}; a stuck task is reported again after 10 s, 100 s and so on
 * <tr><th scope="row">{@code holdfast.guard.rejections}
 *   <td>counter<td>calls that a guard of this name rejected
 * <tr><th scope="row">{@code holdfast.carrier.wait}
 *   <td>timer<td>the time that probes waited for a carrier; see {@link
 *   dev.holdfast.inspect.CarrierStats}; without the tag {@code scope}, like the next two
 * <tr><th scope="row">{@code holdfast.carrier.delays}
 *   <td>counter<td>probes that waited longer than 3 ms
 * <tr><th scope="row">{@code holdfast.carrier.wait.current}
 *   <td>gauge, seconds<td>how long the current probe has been waiting; 0 if none waits
 * <tr><th scope="row">{@code holdfast.threads.virtual}
 *   <td>gauge<td>all virtual threads of this JVM, in scopes or not, by {@code state}: {@code new},
 *   {@code runnable}, {@code blocked}, {@code waiting}, {@code timed-waiting}; they are counted at
 *   most once a minute, using at most a fiftieth of a processor
 * <tr><th scope="row">{@code holdfast.channel.size}
 *   <td>gauge<td>elements in the channels of this name
 * <tr><th scope="row">{@code holdfast.channel.capacity}
 *   <td>gauge<td>elements that the channels of this name can hold
 * <tr><th scope="row">{@code holdfast.channel.waiters}
 *   <td>gauge<td>operations that wait, by {@code operation}: {@code send}, {@code receive}
 * <tr><th scope="row">{@code holdfast.channel.wait.max}
 *   <td>gauge, seconds<td>how long the longest waiting operation has been waiting, by {@code
 *   operation}: {@code send}, {@code receive}, {@code select}; threads in no scope are excluded
 * </tbody>
 * </table>
 *
 * <p>All meters of one scrape show the same moment, because figures are cached for half a second.
 * Requires {@code io.micrometer:micrometer-core}. Thread-safe.
 *
 * @since 0.1
 */
public final class HoldfastMetrics implements MeterBinder, AutoCloseable {

  private final Tags tags;
  private final MetricsCollector collector;
  private final ConcurrentHashMap<MeterRegistry, RegisteredMeters> bound =
      new ConcurrentHashMap<>();

  /** Creates metrics without additional tags. */
  public HoldfastMetrics() {
    this(Tags.empty());
  }

  /**
   * Creates metrics.
   *
   * @param tags tags that are added to every meter
   * @throws NullPointerException if {@code tags} is {@code null}
   */
  public HoldfastMetrics(Iterable<Tag> tags) {
    this(
        tags,
        new MetricsCollector(
            System::nanoTime,
            new VirtualThreadSampler(
                () -> VirtualThreadStates.of(ThreadDump.here().threads()), System::nanoTime)));
  }

  HoldfastMetrics(Iterable<Tag> tags, MetricsCollector collector) {
    this.tags = Tags.of(Objects.requireNonNull(tags, "tags"));
    this.collector = collector;
  }

  /**
   * Registers the meters, which stay until {@link #close}. Does nothing if they are already
   * registered there.
   *
   * @param registry the registry; several registries get the same figures
   * @throws NullPointerException if {@code registry} is {@code null}
   */
  @Override
  public void bindTo(MeterRegistry registry) {
    Objects.requireNonNull(registry, "registry");
    bound.computeIfAbsent(registry, to -> new RegisteredMeters(to, tags, collector)).refresh();
  }

  /** Removes the meters from all registries. They can be bound again. */
  @Override
  public void close() {
    for (MeterRegistry registry : bound.keySet()) {
      RegisteredMeters meters = bound.remove(registry);
      if (meters != null) {
        meters.remove();
      }
    }
  }
}
