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
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Observes the scopes and threads of this JVM; keeps costly observations for some seconds. */
public final class Observer {

  /** How long requests share an observation, because writing it into the page costs most. */
  private static final long AGE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /**
   * The scopes and guards at one moment.
   *
   * @param time when
   * @param tree the scopes and tasks
   * @param guards the guards
   * @param bodies the responses that were made from it
   */
  record Live(Instant time, ScopeTree tree, List<GuardInfo> guards, Map<String, Body> bodies) {

    static Live now() {
      return new Live(
          Instant.now(), ScopeTree.snapshot(), Inspect.guards(), new ConcurrentHashMap<>());
    }

    /** {@return the response for a request, which all requests share; the keys must be few} */
    Body body(String key, Supplier<Body> maker) {
      return bodies.computeIfAbsent(key, k -> maker.get());
    }
  }

  private final Cached<Observation> census;
  private final Cached<Live> live;
  private final ReportLog reports = ReportLog.start();

  /** Used by one thread at a time, which makes an observation. */
  private final History history = new History();

  /** Why this JVM cannot write all its threads to a file; it is not tried again. */
  private volatile @Nullable String missing;

  public Observer(LongSupplier nanoTime) {
    census = new Cached<>(AGE_NANOS, nanoTime, this::observe);
    live = new Cached<>(AGE_NANOS, nanoTime, Live::now);
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

  private Observation observe() {
    ThreadDump dump = dump();
    Census taken = Census.of(dump);
    StackCounts stacks = StackCounts.of(dump.threads());
    List<Observation.Point> points =
        history.add(
            dump.time(), taken.groupedThreads(), Observation.groups(taken), stacks.byName());
    String without = missing;
    return Observation.of(taken, stacks, without == null ? "" : without, points);
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
