package dev.holdfast.junit.leaks;

import dev.holdfast.Inspect;
import dev.holdfast.diagnostics.DumpedThread;
import dev.holdfast.diagnostics.ThreadDump;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.junit.threads.CommonPool;
import dev.holdfast.junit.threads.KnownThreads;
import dev.holdfast.junit.threads.Ownership;
import dev.holdfast.junit.threads.PlatformThreads;
import dev.holdfast.junit.threads.PoolWorkers;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/** One search among the scopes and threads of the JVM for those that a test owns. */
final class LeakSearch {

  /** The largest number of timers that a report shows for a scope. */
  private static final int MAX_TIMERS = 10_000;

  private static final AtomicBoolean WARNED = new AtomicBoolean();

  private final Ownership ownership;
  private final LeakRules rules;
  private final Leaks leaks = new Leaks();

  /** Threads of Holdfast: their scopes and tasks are reported instead. */
  private final Set<Long> holdfastThreads = new HashSet<>();

  private LeakSearch(Ownership ownership, LeakRules rules) {
    this.ownership = ownership;
    this.rules = rules;
  }

  static Leaks run(Ownership ownership, LeakRules rules, boolean virtual) {
    var search = new LeakSearch(ownership, rules);
    // Takes the dump first, so that a task that ends in the meantime is not mistaken for a plain
    // thread.
    Optional<ThreadDump> dump = virtual ? dump() : Optional.empty();
    search.scopes();
    search.platformThreads();
    dump.ifPresent(search::virtualThreads);
    return search.leaks;
  }

  private void scopes() {
    for (Snapshot scope : Inspect.live()) {
      noteThreads(scope);
      Thread thread = scope.thread();
      if (thread == null || thread == Thread.currentThread()) {
        continue;
      }
      if (ownership.owns(thread.threadId())) {
        List<StackTraceElement> stack = stack(thread);
        if (isIgnored(thread.getName(), thread.threadId(), stack)) {
          leaks.settle(thread.threadId());
        } else {
          leaks.add(scope);
          add(scope, stack);
        }
      }
    }
  }

  private void noteThreads(Snapshot live) {
    Thread thread = live.thread();
    // Other code started the platform thread of an outermost scope; a root started a virtual one.
    if (thread != null && (thread.isVirtual() || live.kind() != Snapshot.Kind.SCOPE)) {
      holdfastThreads.add(thread.threadId());
    }
    live.inside().forEach(this::noteThreads);
  }

  /** Adds a scope or task, and everything in it. */
  private void add(Snapshot live, List<StackTraceElement> stack) {
    Thread thread = live.thread();
    leaks.add(
        new Leak(
            kind(live),
            live.name(),
            thread == null ? 0 : thread.threadId(),
            stack,
            live.forkedAt()));
    live.channels().forEach(channel -> add(Leak.Kind.CHANNEL, channel.toString()));
    live.resources().forEach(resource -> add(Leak.Kind.RESOURCE, resource));
    for (int i = 0; i < Math.min(live.timers(), MAX_TIMERS); i++) {
      add(Leak.Kind.TIMER, live.name());
    }
    for (Snapshot inside : live.inside()) {
      Thread its = inside.thread();
      add(inside, its == null || its == thread ? List.of() : List.of(its.getStackTrace()));
    }
  }

  private void add(Leak.Kind kind, String name) {
    leaks.add(new Leak(kind, name, 0, List.of(), List.of()));
  }

  private static Leak.Kind kind(Snapshot live) {
    return switch (live.kind()) {
      case SCOPE -> Leak.Kind.SCOPE;
      case WORKER -> Leak.Kind.WORKER;
      case EXECUTOR -> Leak.Kind.EXECUTOR;
      case TASK, PUMP -> Leak.Kind.TASK;
    };
  }

  private void platformThreads() {
    for (Thread thread : PlatformThreads.live()) {
      long id = thread.threadId();
      if (thread == Thread.currentThread()
          || KnownThreads.isKnown(thread)
          || holdfastThreads.contains(id)) {
        continue;
      }
      if (CommonPool.isWorker(thread)) {
        if (ownership.ownsPoolWork(thread) && CommonPool.isBusy(thread)) {
          add(Leak.Kind.PLATFORM_THREAD, thread.getName(), id, stack(thread));
        }
      } else if (ownership.owns(id)) {
        List<StackTraceElement> stack = stack(thread);
        if (thread.isAlive() && !ownership.isInOlderPool(thread.getName(), id, stack)) {
          add(Leak.Kind.PLATFORM_THREAD, thread.getName(), id, stack);
        }
      } else if (ownership.wasIdleBefore(thread)) {
        addWork(thread, stack(thread));
      }
    }
  }

  private static List<StackTraceElement> stack(Thread thread) {
    return List.of(thread.getStackTrace());
  }

  /** Adds a worker that was idle before the test, if the test has left a task in it. */
  private void addWork(Thread worker, List<StackTraceElement> stack) {
    String name = worker.getName();
    // After the tests of a class, a scheduled task may belong to a context that Spring is closing.
    boolean works =
        PoolWorkers.isBusy(stack) || (ownership.isTest() && Presets.isScheduledWork(name, stack));
    if (works && !rules.ignores(name, stack, List.of())) {
      leaks.addWork(new Leak(Leak.Kind.PLATFORM_THREAD, name, worker.threadId(), stack, List.of()));
    }
  }

  private void virtualThreads(ThreadDump dump) {
    for (ThreadDump.Container container : dump.containers()) {
      Long owner = container.owner();
      if (owner != null && holdfastThreads.contains(owner)) {
        continue;
      }
      for (DumpedThread thread : container.threads()) {
        if (thread.virtual()
            && ownership.owns(thread.id())
            && !holdfastThreads.contains(thread.id())
            && !KnownThreads.isKnown(thread.name(), thread.stack())) {
          add(Leak.Kind.VIRTUAL_THREAD, thread.name(), thread.id(), thread.stack());
        }
      }
    }
  }

  private void add(Leak.Kind kind, String name, long id, List<StackTraceElement> stack) {
    if (isIgnored(name, id, stack)) {
      leaks.settle(id);
    } else {
      leaks.add(
          new Leak(kind, name, id, stack, ownership.createdFrom(id), ownership.candidates(id)));
    }
  }

  private boolean isIgnored(String name, long id, List<StackTraceElement> stack) {
    List<StackTraceElement> createdFrom = ownership.createdFrom(id);
    return rules.ignores(name, stack, createdFrom)
        || (rules.presets()
            && (ownership.isShared(id)
                || Presets.ignore(name, stack, createdFrom)
                || rules.others().test(name, createdFrom)));
  }

  private static Optional<ThreadDump> dump() {
    try {
      return Optional.of(ThreadDump.here());
    } catch (IOException e) {
      if (WARNED.compareAndSet(false, true)) {
        System.getLogger("dev.holdfast")
            .log(
                Level.WARNING,
                "@LeakFree sees only the virtual threads of Holdfast: no thread dump could be"
                    + " taken.",
                e);
      }
      return Optional.empty();
    }
  }
}
