package dev.holdfast.diagnostics.metrics;

import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelStats;
import dev.holdfast.diagnostics.metrics.MetricsSnapshot.ChannelFigures;
import dev.holdfast.diagnostics.metrics.MetricsSnapshot.ScopeFigures;
import dev.holdfast.inspect.CarrierStats;
import dev.holdfast.inspect.ScopeStats;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.inspect.WaitInfo;
import dev.holdfast.internal.telemetry.ScopeCounters;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;

/** Adds up the figures of scopes and channels by name. */
public final class MetricsAggregator {

  /**
   * The largest number of channel names that get meters of their own. The bound prevents a leak of
   * meters if each channel has a new name.
   */
  public static final int MAX_CHANNEL_NAMES = 256;

  /** A task is stuck if it is still running this long after a reading first found it cancelled. */
  public static final long STUCK_NANOS = 1_000_000_000L;

  private final Map<String, ScopeFigures> scopes = new HashMap<>();
  private final Map<String, ChannelFigures> channels = new HashMap<>();
  private final Set<String> channelNames;
  private final String unknown;
  private final WeakHashMap<Object, Long> cancelledBefore;
  private final WeakHashMap<Object, Long> cancelled = new WeakHashMap<>();
  private final long now;

  /**
   * Creates an aggregator.
   *
   * @param counters the counters of all scope names
   * @param channelNames the names of channels seen so far; new ones are added
   * @param cancelledBefore the cancelled tasks that were running, and when that was first seen
   * @param now the time, in nanoseconds
   */
  MetricsAggregator(
      List<ScopeCounters> counters,
      Set<String> channelNames,
      WeakHashMap<Object, Long> cancelledBefore,
      long now) {
    this.channelNames = channelNames;
    this.cancelledBefore = cancelledBefore;
    this.now = now;
    for (ScopeCounters of : counters) {
      ScopeFigures figures = ScopeFigures.of(of);
      scopes.putIfAbsent(figures.stats().name(), figures);
    }
    // A name without counts is either the name of a class or beyond the limit of names.
    ScopeFigures others = scopes.get(ScopeStats.OTHERS);
    boolean tooMany = others != null && others.stats().opened() > 0;
    unknown = tooMany ? ScopeStats.OTHERS : ScopeStats.UNNAMED;
  }

  MetricsSnapshot snapshot(CarrierStats carriers) {
    return new MetricsSnapshot(Map.copyOf(scopes), Map.copyOf(channels), carriers);
  }

  WeakHashMap<Object, Long> cancelled() {
    return cancelled;
  }

  /** Adds a scope and everything in it. */
  void addScope(Snapshot scope) {
    String name = scopes.containsKey(scope.name()) ? scope.name() : unknown;
    for (Channel<?> channel : scope.channels()) {
      addChannel(channel);
    }
    addRunning(scope, name);
    for (Snapshot inside : scope.inside()) {
      if (inside.kind() == Snapshot.Kind.SCOPE) {
        addScope(inside);
      } else {
        addTask(inside, name);
      }
    }
  }

  private void addTask(Snapshot task, String scope) {
    if (task.kind() == Snapshot.Kind.TASK) {
      scopes.computeIfPresent(scope, (name, of) -> of.withTask(task.age().toNanos()));
    }
    addRunning(task, scope);
    for (Snapshot inside : task.inside()) {
      if (inside.kind() == Snapshot.Kind.SCOPE) {
        addScope(inside);
      } else {
        addTask(inside, scope); // the executor's tasks
      }
    }
  }

  /** Adds the figures that a snapshot has only for the innermost task or scope of a thread. */
  private void addRunning(Snapshot live, String scope) {
    WaitInfo wait = live.waitsFor();
    if (wait != null) {
      addWait(wait);
    }
    if (live.cancelled() != null && live.state() == Snapshot.State.RUNNING && isInnermost(live)) {
      Object identity = live.identity();
      long since = cancelledBefore.getOrDefault(identity, now);
      cancelled.put(identity, since);
      if (now - since >= STUCK_NANOS) {
        scopes.computeIfPresent(scope, (name, of) -> of.withStuck());
      }
    }
  }

  /**
   * {@return whether a task or scope runs its own code, not the code of a scope that it has opened}
   */
  private static boolean isInnermost(Snapshot live) {
    for (Snapshot inside : live.inside()) {
      if (inside.kind() == Snapshot.Kind.SCOPE && inside.thread() == live.thread()) {
        return false;
      }
    }
    WaitInfo wait = live.waitsFor();
    return wait == null
        || (wait.operation() != WaitInfo.Operation.END
            && wait.operation() != WaitInfo.Operation.IDLE);
  }

  private void addWait(WaitInfo wait) {
    long nanos = wait.age().toNanos();
    ChannelFigures blocked =
        switch (wait.operation()) {
          case SEND -> new ChannelFigures(0, 0, 0, 0, nanos, 0, 0);
          case RECEIVE -> new ChannelFigures(0, 0, 0, 0, 0, nanos, 0);
          case SELECT -> new ChannelFigures(0, 0, 0, 0, 0, 0, nanos);
          default -> null;
        };
    if (blocked != null) {
      for (Object at : wait.objects()) {
        if (at instanceof Channel<?> channel) {
          put(channel, blocked);
        }
      }
    }
  }

  private void addChannel(Channel<?> channel) {
    ChannelStats stats = channel.stats();
    put(
        channel,
        new ChannelFigures(
            stats.size(),
            channel.capacity(),
            stats.waitingSenders(),
            stats.waitingReceivers(),
            0,
            0,
            0));
  }

  private void put(Channel<?> channel, ChannelFigures figures) {
    String given = channel.name();
    if (given != null) {
      String name = isKnown(given) ? given : ScopeStats.OTHERS;
      channels.merge(name, figures, ChannelFigures::plus);
    }
  }

  private boolean isKnown(String name) {
    return channelNames.contains(name)
        || (channelNames.size() < MAX_CHANNEL_NAMES && channelNames.add(name));
  }
}
