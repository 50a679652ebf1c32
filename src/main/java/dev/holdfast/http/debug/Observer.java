package dev.holdfast.http.debug;

import dev.holdfast.Inspect;
import dev.holdfast.diagnostics.Census;
import dev.holdfast.diagnostics.ScopeTree;
import dev.holdfast.diagnostics.ThreadDump;
import dev.holdfast.diagnostics.export.StackCounts;
import dev.holdfast.inspect.GuardInfo;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Observes the scopes and threads of this JVM; keeps costly observations for several seconds. */
public final class Observer {

  /** The minimum time for which requests share an observation. */
  private static final long AGE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /**
   * The scopes and guards at one moment.
   *
   * @param time when the observation was made
   * @param tree the scopes and tasks
   * @param guards the guards
   * @param documents the documents written from this observation
   */
  record Live(Instant time, ScopeTree tree, List<GuardInfo> guards, Documents documents) {}

  private final LongSupplier nanoTime;
  private final Cached<Observation> census;
  private final Cached<Live> live;
  private final ReportLog reports = ReportLog.start();

  /** Used by one thread at a time: the one that makes an observation. */
  private final History history = new History();

  /** Why this JVM cannot write all its threads to a file; this class does not try again. */
  private volatile @Nullable String missing;

  public Observer(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    census =
        new Cached<>(AGE_NANOS, nanoTime, this::observe, seen -> seen.documents().spentNanos());
    live = new Cached<>(AGE_NANOS, nanoTime, this::look, seen -> seen.documents().spentNanos());
  }

  /** Takes a census for the history, unless there is a fresh one. */
  public void sample() {
    census.get();
  }

  @Nullable Observation threads() {
    return census.get();
  }

  @Nullable Live live() {
    return live.get();
  }

  List<ReportLog.Entry> reports() {
    return reports.entries();
  }

  private Live look() {
    return new Live(Instant.now(), ScopeTree.snapshot(), Inspect.guards(), new Documents(nanoTime));
  }

  private Observation observe() {
    ThreadDump dump = dump();
    Census taken = Census.of(dump);
    StackCounts stacks = StackCounts.of(dump.threads());
    List<Observation.Point> points =
        history.add(
            dump.time(), taken.groupedThreads(), Observation.groups(taken), stacks.byName());
    String without = missing;
    return new Observation(
        taken, stacks, without == null ? "" : without, points, new Documents(nanoTime));
  }

  private ThreadDump dump() {
    if (missing == null) {
      try {
        return ThreadDump.here();
      } catch (IOException e) {
        missing = "Virtual threads outside the scopes of Holdfast are missing: " + e.getMessage();
      }
    }
    return ThreadDump.withoutFile();
  }
}
