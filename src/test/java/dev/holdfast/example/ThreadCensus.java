package dev.holdfast.example;

import dev.holdfast.diagnostics.DumpedThread;
import dev.holdfast.diagnostics.ThreadDump;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The live threads, virtual threads included, as listed in the JVM's thread dump.
 *
 * @param names the thread names by thread id
 */
record ThreadCensus(Map<Long, String> names) {

  /** The prefixes of threads that are not counted: carriers, servers and the HTTP client itself. */
  private static final List<String> OTHERS =
      List.of("ForkJoinPool-1-", "VirtualThread-", Suppliers.THREADS, "HttpClient-");

  static ThreadCensus now() throws IOException {
    return new ThreadCensus(
        ThreadDump.here().threads().stream()
            .collect(Collectors.toMap(DumpedThread::id, DumpedThread::name)));
  }

  /** {@return the sorted names of the threads that have started since {@code before}} */
  List<String> since(ThreadCensus before) {
    return names.entrySet().stream()
        .filter(thread -> !before.names.containsKey(thread.getKey()))
        .map(Map.Entry::getValue)
        .filter(name -> OTHERS.stream().noneMatch(name::startsWith))
        .sorted()
        .toList();
  }
}
