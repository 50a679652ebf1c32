package dev.holdfast.junit;

import dev.holdfast.Inspect;
import dev.holdfast.diagnostics.DumpedThread;
import dev.holdfast.diagnostics.ThreadDump;
import dev.holdfast.inspect.Snapshot;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One look at all that lives in the JVM, for what somebody has to answer for. */
final class Look {

  private static final int MANY_TIMERS = 10_000;

  private final Claim claim;
  private final Rules rules;
  private final Found found = new Found();

  /** Threads that are told of as scopes and tasks, or belong to what is. */
  private final Set<Long> holdfast = new HashSet<>();

  private Look(Claim claim, Rules rules) {
    this.claim = claim;
    this.rules = rules;
  }

  /**
   * Looks.
   *
   * @param virtual whether to look for virtual threads, which takes milliseconds
   */
  static Found at(Claim claim, Rules rules, boolean virtual) {
    var look = new Look(claim, rules);
    Optional<ThreadDump> dump = virtual ? dump() : Optional.empty(); // before: tasks only end
    look.scopes();
    look.platformThreads();
    dump.ifPresent(look::virtualThreads);
    return look.found;
  }

  private void scopes() {
    for (Snapshot scope : Inspect.live()) {
      note(scope);
      Thread thread = scope.thread();
      if (thread == null || thread == Thread.currentThread()) {
        continue;
      }
      if (claim.isMine(thread, thread.threadId())) {
        List<StackTraceElement> stack = List.of(thread.getStackTrace());
        if (rules.ignore(thread.getName(), stack, claim.createdFrom(thread.threadId()))) {
          found.saw(thread.threadId());
        } else {
          found.add(scope);
          add(scope, stack);
        }
      }
    }
  }

  private void note(Snapshot live) {
    Thread thread = live.thread();
    // A platform thread with a scope on it was started by somebody else, a virtual one by a root.
    if (thread != null && (thread.isVirtual() || live.kind() != Snapshot.Kind.SCOPE)) {
      holdfast.add(thread.threadId());
    }
    live.inside().forEach(this::note);
  }

  /** Adds it and what is in it. */
  private void add(Snapshot live, List<StackTraceElement> stack) {
    Thread thread = live.thread();
    found.add(
        new Leftover(
            kind(live),
            live.name(),
            thread == null ? 0 : thread.threadId(),
            stack,
            live.forkedAt()));
    live.channels()
        .forEach(channel ->
            found.add(
                new Leftover(Leftover.Kind.CHANNEL, channel.toString(), 0, List.of(), List.of())));
    for (String resource : live.resources()) {
      found.add(new Leftover(Leftover.Kind.RESOURCE, resource, 0, List.of(), List.of()));
    }
    for (int i = 0; i < Math.min(live.timers(), MANY_TIMERS); i++) {
      found.add(new Leftover(Leftover.Kind.TIMER, live.name(), 0, List.of(), List.of()));
    }
    for (Snapshot inside : live.inside()) {
      Thread its = inside.thread();
      add(inside, its == null || its == thread ? List.of() : List.of(its.getStackTrace()));
    }
  }

  private static Leftover.Kind kind(Snapshot live) {
    return switch (live.kind()) {
      case SCOPE -> Leftover.Kind.SCOPE;
      case WORKER -> Leftover.Kind.WORKER;
      case EXECUTOR -> Leftover.Kind.EXECUTOR;
      case TASK, PUMP -> Leftover.Kind.TASK;
    };
  }

  private void platformThreads() {
    for (Thread thread : Platform.threads()) {
      long id = thread.threadId();
      if (thread == Thread.currentThread() || Familiar.is(thread) || holdfast.contains(id)) {
        continue;
      }
      boolean mine =
          CommonPool.has(thread)
              ? claim.isMineFromPool(thread) && CommonPool.isBusy(thread)
              : claim.isMine(thread, id);
      if (mine) {
        StackTraceElement[] stack = thread.getStackTrace();
        if (thread.isAlive()) {
          add(Leftover.Kind.PLATFORM_THREAD, thread.getName(), id, List.of(stack));
        }
      }
    }
  }

  private void virtualThreads(ThreadDump dump) {
    for (ThreadDump.Container container : dump.containers()) {
      Long owner = container.owner();
      if (owner != null && holdfast.contains(owner)) {
        continue;
      }
      for (DumpedThread thread : container.threads()) {
        if (thread.virtual()
            && claim.isMine(null, thread.id())
            && !holdfast.contains(thread.id())
            && !Familiar.is(thread.name(), thread.stack())) {
          add(Leftover.Kind.VIRTUAL_THREAD, thread.name(), thread.id(), thread.stack());
        }
      }
    }
  }

  private void add(Leftover.Kind kind, String name, long id, List<StackTraceElement> stack) {
    List<StackTraceElement> created = claim.createdFrom(id);
    if (rules.ignore(name, stack, created)) {
      found.saw(id);
    } else {
      found.add(new Leftover(kind, name, id, stack, created));
    }
  }

  private static Optional<ThreadDump> dump() {
    try {
      return Optional.of(ThreadDump.here());
    } catch (IOException e) {
      NoDump.warn(e);
      return Optional.empty();
    }
  }
}
