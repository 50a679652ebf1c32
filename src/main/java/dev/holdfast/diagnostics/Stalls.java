package dev.holdfast.diagnostics;

import dev.holdfast.channel.Channel;
import dev.holdfast.inspect.Report;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.inspect.WaitInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds tasks that wait for each other, so that nobody can wake anybody. */
final class Stalls {

  /*
   * Everybody who waits inside Holdfast without a limit is taken to be stuck, and then let go, one
   * after the other, as long as somebody is found who might wake them:
   *
   *   at a channel      anybody free who works in the scope it belongs to, or below it
   *   for a fork        that fork, if it is free
   *   for all forks,
   *   or the end        all the forks of that scope, if each of them is free
   *   for a place       any fork of that scope that is free
   *
   * Who runs, sleeps, reads, or waits for something that Holdfast does not know is free; so is who
   * waits for a limited time, and an open root, which may be handed work. A scope with a timer or an
   * executor may be woken from outside, and so may who waits at a channel that is declared as
   * shared, or belongs to no scope. Whoever is left when no more can be let go is stuck for ever, or
   * until something from outside (a deadline, an interrupt) cancels it.
   *
   * It is the rule of leak detection by reachability with scopes in place of the heap. What it may
   * get wrong: a channel that is handed to threads outside its scope without being declared as
   * shared.
   *
   * The picture is not of one moment. But every wait that is counted began long before it was taken
   * and went on when it was, so that there was a moment at which all of them held.
   *
   * Locks tell no age and no owner. Who waits for one is stuck if it was found there at each look
   * for a while and nobody in its scope is free; that alone is never reported, for somebody outside
   * may hold the lock.
   */

  /** Waits that are younger may end by themselves. */
  static final Duration AGE = Duration.ofMillis(700);

  private static final Set<String> LOCKS =
      Set.of("a ReentrantLock", "a ReentrantReadWriteLock", "a StampedLock");

  private static final int FRAMES = 5;

  /** Since which look a thread has been waiting for a lock, by {@link System#nanoTime}. */
  private Map<Thread, Long> locked = new HashMap<>();

  /** Since when those have been waiting that the look before found stuck. */
  private Map<Thread, Long> suspects = new HashMap<>();

  /** Since when those have been waiting that were reported. */
  private Map<Thread, Long> reported = new HashMap<>();

  /**
   * Looks for stalls.
   *
   * @param live a picture of all that lives
   * @param now by {@link System#nanoTime}, when it was taken
   * @return those that no earlier look has found
   */
  List<Report> look(List<Snapshot> live, long now) {
    var cast = new Cast(live);
    noteLocks(cast, now);
    letGo(cast, now);
    return report(cast, now);
  }

  private void noteLocks(Cast cast, long now) {
    var found = new HashMap<Thread, Long>();
    for (Actor actor : cast.actors) {
      Thread thread = actor.thread();
      if (thread != null && isAtLock(actor, thread)) {
        found.put(thread, locked.getOrDefault(thread, now));
      }
    }
    locked = found;
  }

  private static boolean isAtLock(Actor actor, Thread thread) {
    WaitInfo waits = actor.waits();
    return waits == null
        ? thread.getState() == Thread.State.BLOCKED
        : waits.operation() == WaitInfo.Operation.OTHER && LOCKS.contains(waits.on());
  }

  private void letGo(Cast cast, long now) {
    var stuck = new ArrayList<Actor>();
    for (Actor actor : cast.actors) {
      if (mayBeStuck(actor, now)) {
        stuck.add(actor);
      } else {
        free(actor);
      }
    }
    while (stuck.removeIf(
        actor -> {
          boolean woken = canBeWoken(actor, cast);
          if (woken) {
            free(actor);
          }
          return woken;
        })) {
      // again: who was let go may let others go
    }
  }

  private boolean mayBeStuck(Actor actor, long now) {
    WaitInfo waits = actor.waits();
    Long lockedSince = locked.get(actor.thread());
    if (lockedSince != null) {
      return now - lockedSince >= AGE.toNanos();
    }
    if (waits == null
        || waits.timed()
        || waits.age().compareTo(AGE) < 0
        || !isParked(actor.thread())) {
      return false;
    }
    return switch (waits.operation()) {
      case SEND, RECEIVE, SELECT, JOIN, LIMIT, END -> !waits.objects().isEmpty();
      case GUARD, IDLE, OTHER -> false;
    };
  }

  /** Not if it was woken, and only has to come to its processor. */
  private static boolean isParked(@Nullable Thread thread) {
    return thread != null
        && switch (thread.getState()) {
          case WAITING, TIMED_WAITING -> true;
          default -> false;
        };
  }

  private static void free(Actor actor) {
    actor.free = true;
    for (Cast.Place place = actor.place; place != null; place = place.around) {
      place.free++;
    }
  }

  private boolean canBeWoken(Actor actor, Cast cast) {
    WaitInfo waits = actor.waits();
    if (waits == null || locked.containsKey(actor.thread())) {
      return actor.place.free > 0;
    }
    Object on = waits.objects().getFirst();
    return switch (waits.operation()) {
      case SEND, RECEIVE, SELECT ->
          waits.objects().stream().anyMatch(channel -> mayBeUsed(channel, cast));
      case LIMIT -> forks(on, cast).isEmpty() || forks(on, cast).stream().anyMatch(f -> f.free);
      default -> {
        Actor joined = cast.task(on);
        yield joined == null ? forks(on, cast).stream().allMatch(fork -> fork.free) : joined.free;
      }
    };
  }

  private static boolean mayBeUsed(Object channel, Cast cast) {
    Cast.Place owner = cast.owner(channel);
    return owner == null
        || owner.free > 0
        || owner.scope.timers() > 0
        || ((Channel<?>) channel).isShared()
        || ((Channel<?>) channel).isClosed();
  }

  private static Collection<Actor> forks(Object scope, Cast cast) {
    Cast.Place place = cast.place(scope);
    return place == null ? List.of() : place.forks;
  }

  private List<Report> report(Cast cast, long now) {
    var found = new HashMap<Thread, Long>();
    Map<Cast.Place, List<Actor>> groups = new LinkedHashMap<>();
    for (Actor actor : cast.actors) {
      Thread thread = actor.thread();
      if (!actor.free && thread != null) {
        found.put(thread, since(actor, thread, now));
        groups.computeIfAbsent(group(actor, cast), place -> new ArrayList<>()).add(actor);
      }
    }
    Map<Thread, Long> before = suspects;
    suspects = found;
    var told = new HashMap<Thread, Long>();
    var reports = new ArrayList<Report>();
    groups.forEach((place, actors) -> {
      // Twice: what the first look saw of tasks that moved need not have been true at any moment.
      boolean confirmed = actors.stream().allMatch(actor -> isSame(actor, before, found));
      boolean known = actors.stream().allMatch(actor -> isSame(actor, reported, found));
      Set<Actor> circle = circle(actors, cast);
      if (confirmed && !known && (!circle.isEmpty() || actors.stream().anyMatch(Stalls::isCause))) {
        reports.add(text(place, actors, circle));
        known = true;
      }
      if (known) {
        actors.forEach(actor -> copy(actor.thread(), found, told));
      }
    });
    reported = told;
    return reports;
  }

  private static void copy(
      @Nullable Thread thread, Map<Thread, Long> from, Map<Thread, Long> into) {
    Long since = from.get(thread);
    if (thread != null && since != null) {
      into.put(thread, since);
    }
  }

  /** {@return whether it is in the same wait as it was; the figures are a little uncertain} */
  private static boolean isSame(Actor actor, Map<Thread, Long> before, Map<Thread, Long> now) {
    Long then = before.get(actor.thread());
    Long since = now.get(actor.thread());
    return then != null && since != null && Math.abs(since - then) < AGE.toNanos() / 2;
  }

  private long since(Actor actor, Thread thread, long now) {
    Long lockedSince = locked.get(thread);
    WaitInfo waits = actor.waits();
    return lockedSince != null || waits == null
        ? lockedSince == null ? now : lockedSince
        : now - waits.age().toNanos();
  }

  /**
   * {@return whether it is told of for its own sake} Not if it waits for a lock: who holds it may
   * be outside, and about to let go. Nor if it waits for tasks: they are told of.
   */
  private static boolean isCause(Actor actor) {
    WaitInfo waits = actor.waits();
    return waits != null
        && switch (waits.operation()) {
          case SEND, RECEIVE, SELECT -> true;
          default -> false;
        };
  }

  private static boolean isAtChannel(Actor actor) {
    WaitInfo waits = actor.waits();
    return waits != null
        && !waits.objects().isEmpty()
        && waits.objects().getFirst() instanceof Channel<?>;
  }

  /** {@return the scope whose channel or tasks it waits for} */
  private Cast.Place group(Actor actor, Cast cast) {
    WaitInfo waits = actor.waits();
    if (waits == null || locked.containsKey(actor.thread())) {
      return actor.place;
    }
    Object on = waits.objects().getFirst();
    Cast.Place place = cast.owner(on);
    if (place == null) {
      place = cast.place(on);
    }
    return place == null ? actor.place : place;
  }

  /** {@return those that join each other in a circle, in order; empty if nobody does} */
  private static Set<Actor> circle(List<Actor> actors, Cast cast) {
    var passed = new IdentityHashMap<Actor, Boolean>();
    for (Actor actor : actors) {
      var path = new LinkedHashSet<Actor>();
      Actor next = actor;
      while (next != null && passed.put(next, true) == null) {
        path.add(next);
        next = joined(next, cast);
      }
      if (next != null && path.contains(next)) {
        Actor first = next;
        var circle = new LinkedHashSet<Actor>();
        boolean inside = false;
        for (Actor step : path) {
          inside |= step == first;
          if (inside) {
            circle.add(step);
          }
        }
        return circle;
      }
    }
    return Set.of();
  }

  private static @Nullable Actor joined(Actor actor, Cast cast) {
    WaitInfo waits = actor.waits();
    return waits == null
            || waits.operation() != WaitInfo.Operation.JOIN
            || waits.objects().isEmpty()
        ? null
        : cast.task(waits.objects().getFirst());
  }

  private static Report text(Cast.Place place, List<Actor> actors, Set<Actor> circle) {
    String scope = place.scope.name();
    boolean round = !circle.isEmpty();
    var text = new StringBuilder("Scope '").append(scope);
    text.append(
        round
            ? "' has a deadlock: these join each other in a circle:"
            : "' has stalled: each of these waits for what only the others could do:");
    Collection<Actor> told = round ? circle : actors;
    for (Actor actor : told) {
      text.append("\n  ").append(actor.label()).append(": ");
      text.append(actor.waits() == null ? "waits for a monitor" : actor.waits());
      append(actor.thread(), text);
      actor.node.forkedAt().stream()
          .limit(1)
          .forEach(call -> text.append("\n      forked at ").append(call));
    }
    text.append(
        round
            ? "\nReturn the values instead of joining, or fork in another order."
            : "\nGive one of them a time-out, close the channel, or start who is missing."
                + (actors.stream().anyMatch(Stalls::isAtChannel)
                    ? " If threads outside the scope use the channel, say so: ChannelSpec.shared()."
                    : ""));
    return new Report(
        round ? Report.Kind.DEADLOCKED : Report.Kind.STALLED,
        scope,
        told.stream().map(actor -> actor.node.name()).toList(),
        text.toString());
  }

  /** The calls of the user's code, nearest first. */
  private static void append(@Nullable Thread thread, StringBuilder text) {
    if (thread != null) {
      int shown = 0;
      for (StackTraceElement call : thread.getStackTrace()) {
        if (Origin.isApplication(call) && shown++ < FRAMES) {
          text.append("\n      at ").append(call);
        }
      }
    }
  }
}
