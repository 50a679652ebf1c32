package dev.holdfast.diagnostics.stall;

import dev.holdfast.Inspect;
import dev.holdfast.diagnostics.DumpedThread;
import dev.holdfast.diagnostics.capture.Capture;
import dev.holdfast.diagnostics.dump.data.DumpData;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.internal.util.Printable;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds the owner of the lock that a thread waits for.
 *
 * <p>The JVM knows the owner of a lock for which a platform thread waits. For virtual threads it
 * knows the owners of monitors since JDK 25 and the owners of locks since JDK 26.
 */
public final class LockOwners implements Function<Thread, String> {

  private static final long MAX_AGE_NANOS = 1_000_000_000L;

  private record CachedDump(List<DumpedThread> threads, long takenAt) {}

  /** A dump is slow to take, so the threads of one report share it. */
  private final AtomicReference<@Nullable CachedDump> cache = new AtomicReference<>();

  /** {@return a sentence that names the lock and its owner; empty if the JVM does not know} */
  @Override
  public String apply(Thread thread) {
    try {
      return thread.isVirtual() ? ofVirtual(thread) : ofPlatform(thread);
    } catch (IOException | LinkageError e) {
      return "";
    }
  }

  private static String ofPlatform(Thread thread) {
    ThreadInfo info = ManagementFactory.getThreadMXBean().getThreadInfo(thread.threadId());
    return info == null || info.getLockOwnerId() < 0
        ? ""
        : describe(info.getLockName(), info.getLockOwnerId(), info.getLockOwnerName());
  }

  private String ofVirtual(Thread thread) throws IOException {
    List<DumpedThread> threads = threads();
    for (DumpedThread waiter : threads) {
      if (waiter.id() == thread.threadId()) {
        return ownerOfWhatBlocks(waiter, threads);
      }
    }
    return "";
  }

  private static String ownerOfWhatBlocks(DumpedThread waiter, List<DumpedThread> threads) {
    for (DumpedThread owner : threads) {
      if (Long.valueOf(owner.id()).equals(waiter.parkBlockerOwner())) {
        return describe(waiter.parkBlocker(), owner.id(), owner.name());
      }
      if (waiter.blockedOn() != null && owner.monitorsOwned().contains(waiter.blockedOn())) {
        return describe(waiter.blockedOn(), owner.id(), owner.name());
      }
    }
    return "";
  }

  private List<DumpedThread> threads() throws IOException {
    CachedDump cached = cache.get();
    long now = System.nanoTime();
    if (cached != null && now - cached.takenAt() < MAX_AGE_NANOS) {
      return cached.threads();
    }
    List<DumpedThread> threads =
        Capture.thisJvm().containers().stream()
            .map(DumpData.Container::threads)
            .flatMap(List::stream)
            .toList();
    cache.set(new CachedDump(threads, now));
    return threads;
  }

  private static String describe(@Nullable String lock, long owner, String name) {
    String task =
        Inspect.live().stream()
            .map(live -> innermostTask(live, owner))
            .filter(found -> !found.isEmpty())
            .findFirst()
            .orElse("thread '" + Printable.of(name) + "'");
    return lock + " is held by " + task + " (#" + owner + ")";
  }

  /** {@return the innermost task or scope that runs on a thread; empty if there is none} */
  private static String innermostTask(Snapshot live, long thread) {
    for (Snapshot inside : live.inside()) {
      String found = innermostTask(inside, thread);
      if (!found.isEmpty()) {
        return found;
      }
    }
    Thread own = live.thread();
    return own != null && own.threadId() == thread
        ? live.kind().name().toLowerCase(Locale.ROOT) + " '" + Printable.of(live.name()) + "'"
        : "";
  }
}
