package dev.holdfast.example;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The live threads, virtual threads included, as listed in the JVM's thread dump.
 *
 * @param names the thread names by thread id
 */
record ThreadCensus(Map<Long, String> names) {

  /** A thread of the dump, up to its name. */
  private static final Pattern THREAD =
      Pattern.compile("\"tid\": *\"?(\\d+)\"?,[^{}\\[\\]]*?\"name\": *\"([^\"]*)\"");

  /** The prefixes of threads that are not counted: carriers, servers and the HTTP client itself. */
  private static final List<String> OTHERS =
      List.of("ForkJoinPool-1-", "VirtualThread-", Suppliers.THREADS, "HttpClient-");

  static ThreadCensus now() throws IOException {
    Map<Long, String> names = new HashMap<>();
    Matcher thread = THREAD.matcher(dump());
    while (thread.find()) {
      names.put(Long.valueOf(thread.group(1)), thread.group(2));
    }
    return new ThreadCensus(names);
  }

  private static String dump() throws IOException {
    Path folder = Files.createTempDirectory("threads");
    Path file = folder.resolve("threads.json");
    try {
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .dumpThreads(file.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.JSON);
      return Files.readString(file);
    } finally {
      Files.deleteIfExists(file);
      Files.delete(folder);
    }
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
