package dev.holdfast.diagnostics;

import dev.holdfast.channel.Channel;
import dev.holdfast.inspect.Snapshot;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The threads of a picture, and the scopes they work in. */
final class Cast {

  /** A scope: what is around it, and its tasks that have not ended. */
  static final class Place {

    final Snapshot scope;
    final @Nullable Place around;
    final List<Actor> forks = new ArrayList<>();

    /** How many threads in it, or in what is in it, may get on. */
    int free;

    Place(Snapshot scope, @Nullable Place around) {
      this.scope = scope;
      this.around = around;
    }
  }

  final List<Actor> actors = new ArrayList<>();

  private final IdentityHashMap<Object, Place> places = new IdentityHashMap<>();
  private final IdentityHashMap<Object, Actor> tasks = new IdentityHashMap<>();
  private final IdentityHashMap<Channel<?>, Place> owners = new IdentityHashMap<>();

  Cast(List<Snapshot> outermost) {
    outermost.forEach(scope -> addScope(scope, null));
  }

  /** {@return the one whose thread runs in it} */
  private Actor addScope(Snapshot scope, @Nullable Place around) {
    var place = new Place(scope, around);
    places.put(scope.identity(), place);
    scope.channels().forEach(channel -> owners.put(channel, place));
    Actor own = null;
    for (Snapshot inside : scope.inside()) {
      if (inside.kind() == Snapshot.Kind.SCOPE) {
        own = addScope(inside, place);
      } else {
        addTask(inside, place);
      }
    }
    return own == null ? add(scope, place) : own;
  }

  private void addTask(Snapshot task, Place place) {
    Actor own = null;
    for (Snapshot inside : task.inside()) {
      if (inside.kind() == Snapshot.Kind.SCOPE) {
        own = addScope(inside, place);
      } else {
        addTask(inside, place);
      }
    }
    Actor actor = own == null ? add(task, place) : own;
    tasks.put(task.identity(), actor);
    if (task.kind() == Snapshot.Kind.TASK) {
      place.forks.add(actor);
    }
  }

  private Actor add(Snapshot node, Place place) {
    var actor = new Actor(node, place);
    actors.add(actor);
    return actor;
  }

  /** {@return the scope of that identity, or null} */
  @Nullable Place place(Object identity) {
    return places.get(identity);
  }

  /** {@return who runs the task of that identity, or null} */
  @Nullable Actor task(Object identity) {
    return tasks.get(identity);
  }

  /** {@return the scope that a channel belongs to, or null if that is not known} */
  @Nullable Place owner(Object channel) {
    return channel instanceof Channel<?> known ? owners.get(known) : null;
  }
}
