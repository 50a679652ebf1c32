package dev.holdfast.diagnostics.dump.data;

import dev.holdfast.diagnostics.DumpedThread;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A dump without containers, while it is being read. */
public final class DumpBuilder {

  private static final String ROOT = "<root>";

  private final Stacks stacks;
  private final List<DumpedThread> threads = new ArrayList<>();

  /** The owner of each lock of {@code java.util.concurrent}. */
  private final Map<String, Long> lockOwners = new HashMap<>();

  public long pid;
  public Instant time = DumpData.UNKNOWN;
  public String runtimeVersion = "";
  public int skipped;

  public DumpBuilder(Stacks stacks) {
    this.stacks = stacks;
  }

  public void add(ThreadBuilder thread) {
    threads.add(thread.build(stacks));
  }

  public void ownsLock(ThreadBuilder thread, String lock) {
    lockOwners.put(lock, thread.id);
  }

  public boolean hasThreads() {
    return !threads.isEmpty();
  }

  public boolean hasFrames() {
    return threads.stream().anyMatch(thread -> !thread.stack().isEmpty());
  }

  /** {@return an identifier for a thread whose dump has none} */
  public long nextId() {
    return threads.size() + 1L;
  }

  public DumpData build() {
    if (!lockOwners.isEmpty()) {
      threads.replaceAll(this::withLockOwner);
    }
    return new DumpData(
        pid,
        time,
        runtimeVersion,
        List.of(new DumpData.Container(ROOT, null, null, threads)),
        skipped);
  }

  private DumpedThread withLockOwner(DumpedThread thread) {
    Long owner = thread.parkBlocker() == null ? null : lockOwners.get(thread.parkBlocker());
    return owner == null || thread.parkBlockerOwner() != null
        ? thread
        : new DumpedThread(
            thread.id(),
            thread.name(),
            thread.virtual(),
            thread.state(),
            thread.stack(),
            thread.blockedOn(),
            thread.waitingOn(),
            thread.parkBlocker(),
            owner,
            thread.monitorsOwned(),
            thread.carrier());
  }
}
