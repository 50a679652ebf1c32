package dev.holdfast.diagnostics;

import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelStats;
import dev.holdfast.diagnostics.Reading.OfChannel;
import dev.holdfast.diagnostics.Reading.OfScope;
import dev.holdfast.inspect.ScopeStats;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.inspect.WaitInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;

/** Goes through a picture, and adds up by name. */
final class Survey {

  /** Whoever makes up a name for each channel gets no more meters than these. */
  static final int MOST_CHANNELS = 256;

  /** What was cancelled has this long to end. */
  static final long STUCK_NANOS = 1_000_000_000L;

  private final Map<String, OfScope> scopes = new HashMap<>();
  private final Map<String, OfChannel> channels = new HashMap<>();
  private final Set<String> channelNames;
  private final String unknown;
  private final WeakHashMap<Object, Long> cancelledBefore;
  private final WeakHashMap<Object, Long> cancelled = new WeakHashMap<>();
  private final long now;

  /**
   * Begins.
   *
   * @param channelNames those of channels that have been seen so far; grows
   * @param cancelledBefore since when it was seen what is cancelled and runs on
   */
  Survey(
      List<ScopeStats> stats,
      Set<String> channelNames,
      WeakHashMap<Object, Long> cancelledBefore,
      long now) {
    this.channelNames = channelNames;
    this.cancelledBefore = cancelledBefore;
    this.now = now;
    stats.forEach(of -> scopes.putIfAbsent(of.name(), OfScope.of(of)));
    // A name that is not among them is that of a class, or one too many: a picture does not tell.
    OfScope others = scopes.get(ScopeStats.OTHERS);
    boolean tooMany = others != null && others.stats().opened() > 0;
    unknown = tooMany ? ScopeStats.OTHERS : ScopeStats.UNNAMED;
  }

  Reading reading() {
    return new Reading(Map.copyOf(scopes), Map.copyOf(channels));
  }

  WeakHashMap<Object, Long> cancelled() {
    return cancelled;
  }

  /** Adds a scope with all that is in it. */
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
      scopes.computeIfPresent(scope, (name, of) -> of.andTask(task.age().toNanos()));
    }
    addRunning(task, scope);
    for (Snapshot inside : task.inside()) {
      if (inside.kind() == Snapshot.Kind.SCOPE) {
        addScope(inside);
      } else {
        addTask(inside, scope); // of an executor
      }
    }
  }

  /** Adds what is told of the innermost that runs on a thread only. */
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
        scopes.computeIfPresent(scope, (name, of) -> of.andStuck());
      }
    }
  }

  /** {@return whether it is its own code that runs, not a scope that this has opened} */
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
    OfChannel blocked =
        switch (wait.operation()) {
          case SEND -> new OfChannel(0, 0, 0, 0, nanos, 0, 0);
          case RECEIVE -> new OfChannel(0, 0, 0, 0, 0, nanos, 0);
          case SELECT -> new OfChannel(0, 0, 0, 0, 0, 0, nanos);
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
        new OfChannel(
            stats.size(),
            channel.capacity(),
            stats.waitingSenders(),
            stats.waitingReceivers(),
            0,
            0,
            0));
  }

  private void put(Channel<?> channel, OfChannel figures) {
    String given = channel.name();
    if (given != null) {
      String name = isKnown(given) ? given : ScopeStats.OTHERS;
      channels.merge(name, figures, OfChannel::and);
    }
  }

  private boolean isKnown(String name) {
    return channelNames.contains(name)
        || (channelNames.size() < MOST_CHANNELS && channelNames.add(name));
  }
}
