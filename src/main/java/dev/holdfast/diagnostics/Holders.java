package dev.holdfast.diagnostics;

import dev.holdfast.Inspect;
import dev.holdfast.inspect.Snapshot;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Tells who holds the lock a thread waits for, as far as the JVM tells: of platform threads always,
 * of virtual threads for monitors from JDK 25 on and for locks from JDK 26 on.
 */
final class Holders implements Function<Thread, String> {

  private static final long FRESH_NANOS = 1_000_000_000L;

  private record Taken(ThreadDump dump, long at) {}

  /** A dump takes its time: several threads of one report share it. */
  private final AtomicReference<@Nullable Taken> last = new AtomicReference<>();

  @Override
  public String apply(Thread thread) {
    try {
      return thread.isVirtual() ? ofVirtual(thread) : ofPlatform(thread);
    } catch (IOException | LinkageError e) {
      return ""; // this JVM does not tell
    }
  }

  private static String ofPlatform(Thread thread) {
    ThreadInfo info = ManagementFactory.getThreadMXBean().getThreadInfo(thread.threadId());
    return info == null || info.getLockOwnerId() < 0
        ? ""
        : held(info.getLockName(), info.getLockOwnerId(), info.getLockOwnerName());
  }

  private String ofVirtual(Thread thread) throws IOException {
    List<DumpedThread> all = dump().threads();
    for (DumpedThread waits : all) {
      if (waits.id() == thread.threadId()) {
        for (DumpedThread holder : all) {
          if (Long.valueOf(holder.id()).equals(waits.parkBlockerOwner())) {
            return held(waits.parkBlocker(), holder.id(), holder.name());
          }
          if (waits.blockedOn() != null && holder.monitorsOwned().contains(waits.blockedOn())) {
            return held(waits.blockedOn(), holder.id(), holder.name());
          }
        }
      }
    }
    return "";
  }

  private ThreadDump dump() throws IOException {
    Taken known = last.get();
    long now = System.nanoTime();
    if (known != null && now - known.at() < FRESH_NANOS) {
      return known.dump();
    }
    var taken = new Taken(ThreadDump.here(), now);
    last.set(taken);
    return taken.dump();
  }

  private static String held(@Nullable String lock, long holder, String name) {
    String task =
        Inspect.live().stream()
            .map(live -> task(live, holder))
            .filter(found -> !found.isEmpty())
            .findFirst()
            .orElse("thread '" + name + "'");
    return lock + " is held by " + task + " (#" + holder + ")";
  }

  /** {@return the innermost of Holdfast's that runs on a thread; empty if none does} */
  private static String task(Snapshot live, long thread) {
    for (Snapshot inside : live.inside()) {
      String found = task(inside, thread);
      if (!found.isEmpty()) {
        return found;
      }
    }
    Thread own = live.thread();
    return own != null && own.threadId() == thread
        ? live.kind().name().toLowerCase(Locale.ROOT) + " '" + live.name() + "'"
        : "";
  }
}
