package dev.holdfast.diagnostics;

import dev.holdfast.diagnostics.census.HeldCarriers;
import dev.holdfast.diagnostics.census.JvmThreads;
import dev.holdfast.diagnostics.census.LockGraph;
import dev.holdfast.diagnostics.census.ThreadSummarizer;
import dev.holdfast.diagnostics.census.ThreadSummary;
import dev.holdfast.internal.util.Printable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Writes what a dump shows beyond its groups: deadlocks, owners of locks, held carriers. */
final class CensusFindings {

  private static final int SHOWN = 5;

  /** The finding for threads that wait in a method; the first match for a group applies. */
  private static final Map<Pattern, String> WAITS = new LinkedHashMap<>();

  static {
    wait(
        "com\\.zaxxer\\.hikari\\.(?:pool\\.HikariPool\\.getConnection|util\\.ConcurrentBag\\.borrow)",
        "The HikariCP pool is exhausted. Look for connections that are not closed, or make the"
            + " pool larger.");
    wait(
        "org\\.apache\\.(?:commons|tomcat\\.dbcp)\\.pool2?\\.impl\\.\\w+\\.borrowObject"
            + "|org\\.apache\\.tomcat\\.jdbc\\.pool\\.ConnectionPool\\.borrowConnection"
            + "|com\\.mchange\\.v2\\.resourcepool\\.BasicResourcePool\\.awaitAvailable"
            + "|com\\.alibaba\\.druid\\.pool\\.DruidDataSource\\.(?:takeLast|pollLast)"
            + "|com\\.mongodb\\.internal\\.connection\\.ConcurrentPool\\.get",
        "The connection pool is exhausted. Look for objects that are not returned, or make the"
            + " pool larger.");
    wait(
        "org\\.apache\\.(?:http\\.(?:impl\\.conn\\.PoolingHttpClientConnectionManager"
            + "|pool\\.AbstractConnPool)|hc\\.core5\\.pool\\.\\w+ConnPool)[$.].*",
        "The pool of HTTP connections is exhausted. Look for responses that are not closed.");
    wait(
        "Semaphore\\.(?:acquire|tryAcquire)\\w*",
        "No permit is free. Look for code that acquires a permit and does not release it.");
    wait(
        "CompletableFuture\\.(?:get|join)\\w*",
        "No code completes the future. Look for a callback that is not called, or a failed stage.");
    wait(
        "FutureTask\\.get",
        "The task of the future has not ended, or was never started. Check what its pool does.");
    wait(
        "(?:CyclicBarrier|Phaser)\\.\\w*(?:await|Await)\\w*",
        "Not all parties have arrived at the barrier. Look for one that has failed.");
    wait(
        "CountDownLatch\\.await",
        "The latch is not counted down. Look for a task that failed before its countDown.");
  }

  private static void wait(String method, String meaning) {
    WAITS.put(Pattern.compile(method), meaning);
  }

  private final List<DumpedThread> threads;
  private final ThreadSummarizer summarizer;
  private final List<String> findings = new ArrayList<>();

  private CensusFindings(Census census) {
    this.threads = census.dump().threads();
    this.summarizer = new ThreadSummarizer(census.own());
  }

  /** {@return the findings, each of one or two sentences} */
  static List<String> of(Census census) {
    var findings = new CensusFindings(census);
    findings.carriers();
    findings.locks();
    findings.waits();
    return findings.findings;
  }

  private void carriers() {
    long notStarted = threads.stream().filter(HeldCarriers::isNotStarted).count();
    if (notStarted == 0) {
      return;
    }
    List<DumpedThread> holders = HeldCarriers.holders(threads);
    boolean pinned = holders.stream().anyMatch(HeldCarriers::isPinned);
    findings.add(
        "%d virtual %s not started, because other threads hold all carriers%s.%s"
            .formatted(
                notStarted,
                notStarted == 1 ? "thread has" : "threads have",
                holders.isEmpty() ? "" : ": " + places(holders),
                pinned
                    ? " They are pinned: they block in a synchronized block or native code. Use a"
                        + " ReentrantLock, or JDK 24 or later."
                    : ""));
  }

  /** {@return where threads are, the most frequent places first} */
  private String places(List<DumpedThread> of) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    of.forEach(thread -> counts.merge(summarizer.summarize(thread).place(), 1, Integer::sum));
    return counts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder()))
        .limit(SHOWN)
        .map(e -> e.getValue() + " in " + e.getKey())
        .collect(Collectors.joining(", "));
  }

  private void locks() {
    var graph = new LockGraph(threads);
    graph.deadlocks().forEach(cycle -> findings.add("Deadlock: " + LockGraph.text(cycle)));
    for (LockGraph.Held held : graph.held().stream().limit(SHOWN).toList()) {
      int waiters = held.waiters().size();
      findings.add(
          "%s is held by %s in %s; %d %s for it."
              .formatted(
                  Printable.of(held.lock()),
                  LockGraph.name(held.owner()),
                  summarizer.summarize(held.owner()).place(),
                  waiters,
                  waiters == 1 ? "thread waits" : "threads wait"));
    }
  }

  private void waits() {
    Map<String, List<DumpedThread>> waiting = new LinkedHashMap<>();
    var meanings = new IdentityHashMap<ThreadSummary, Optional<String>>();
    for (DumpedThread thread : threads) {
      if (!JvmThreads.isInternal(thread)) {
        meanings
            .computeIfAbsent(summarizer.summarize(thread), CensusFindings::meaning)
            .ifPresent(
                meaning -> waiting.computeIfAbsent(meaning, m -> new ArrayList<>()).add(thread));
      }
    }
    waiting.entrySet().stream()
        .sorted(Comparator.comparingInt(wait -> -wait.getValue().size()))
        .forEach(wait -> {
          int count = wait.getValue().size();
          findings.add(
              "%d %s: %s. %s"
                  .formatted(
                      count,
                      count == 1 ? "thread waits" : "threads wait",
                      places(wait.getValue()),
                      wait.getKey()));
        });
  }

  private static Optional<String> meaning(ThreadSummary summary) {
    for (Map.Entry<Pattern, String> wait : WAITS.entrySet()) {
      Pattern method = wait.getKey();
      if (method.matcher(summary.blocking()).matches()
          || summary.frames().stream().anyMatch(frame -> method.matcher(frame).matches())) {
        boolean works = summary.activity() == Activity.RUNNING || summary.activity() == Activity.IO;
        return works ? Optional.empty() : Optional.of(wait.getValue());
      }
    }
    return Optional.empty();
  }
}
