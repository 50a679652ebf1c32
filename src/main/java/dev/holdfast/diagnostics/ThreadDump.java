package dev.holdfast.diagnostics;

import dev.holdfast.Inspect;
import dev.holdfast.diagnostics.capture.Capture;
import dev.holdfast.diagnostics.capture.OwnThreads;
import dev.holdfast.diagnostics.dump.DumpException;
import dev.holdfast.diagnostics.dump.DumpFiles;
import dev.holdfast.diagnostics.dump.DumpReader;
import dev.holdfast.diagnostics.dump.data.DumpData;
import dev.holdfast.inspect.Snapshot;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of all threads of a JVM, platform and virtual.
 *
 * <p>A dump comes from this JVM, from another JVM on this machine, or from a file. Files may come
 * from {@code jcmd PID Thread.dump_to_file} in JSON or text, {@code jstack}, {@code jcmd
 * Thread.print}, {@code kill -3} (also in the log of a container), Spring's actuator, VisualVM,
 * {@code ThreadInfo.toString} or OpenJ9, for JDK 7 to 27. {@link DumpedThread} lists what each JDK
 * writes. Only {@code Thread.dump_to_file} lists virtual threads that are not mounted.
 *
 * <p>The threads keep running while the dump is taken, so each one is recorded at a different
 * moment. A dump takes time in proportion to the number of threads, about a second for ten
 * thousand. Take a dump to answer a question, not every minute. A dump is immutable.
 *
 * @since 0.1
 */
public final class ThreadDump {

  private final long pid;
  private final Instant time;
  private final String runtimeVersion;
  private final List<Container> containers;
  private final List<DumpedThread> threads;
  private final int skipped;

  ThreadDump(
      long pid, Instant time, String runtimeVersion, List<Container> containers, int skipped) {
    this.pid = pid;
    this.time = time;
    this.runtimeVersion = runtimeVersion;
    this.containers = List.copyOf(containers);
    this.threads = containers.stream().flatMap(c -> c.threads().stream()).toList();
    this.skipped = skipped;
  }

  /**
   * Dumps the threads of this JVM.
   *
   * <p>On JDK 25, the virtual threads pause for the duration of the dump: otherwise that JDK could
   * crash (JDK-8364343). An interrupt does not end the dump.
   *
   * @return the dump
   * @throws IOException if the JVM could not write its temporary file; a {@link
   *     ThreadDumpException} if the JVM lacks the module {@code jdk.management}
   */
  public static ThreadDump here() throws IOException {
    return dumps(() -> List.of(Capture.thisJvm())).getFirst();
  }

  /**
   * Dumps those threads of this JVM that the JVM lists without writing a file: all platform
   * threads, and the virtual threads that run in a Holdfast scope.
   *
   * <p>Use it in a JVM that cannot write to any directory or lacks the module {@code
   * jdk.management}.
   *
   * @return the dump
   */
  public static ThreadDump withoutFile() {
    var virtual = new LinkedHashSet<Thread>();
    Inspect.live().forEach(live -> addVirtual(live, virtual));
    return of(OwnThreads.dump(virtual));
  }

  private static void addVirtual(Snapshot live, Set<Thread> virtual) {
    Thread thread = live.thread();
    if (thread != null && thread.isVirtual()) {
      virtual.add(thread);
    }
    live.inside().forEach(inside -> addVirtual(inside, virtual));
  }

  /**
   * Dumps the threads of a JVM on this machine.
   *
   * <p>The other JVM must be a HotSpot JVM of JDK 21 or later, and must run as the same user unless
   * this one runs as root. On Linux it may run in a container with its own file system and process
   * identifiers, and this method needs no JDK tool. Elsewhere this method runs {@code jcmd} from
   * the JDK of this JVM, or else from that of the other JVM.
   *
   * <p>If the other JVM runs on JDK 25 and its virtual threads are busy, the dump can crash it
   * (JDK-8364343). Prefer its {@linkplain dev.holdfast.http.DebugHandler debug pages}.
   *
   * @param pid the identifier of its process
   * @return the dump
   * @throws IOException if temporary files cannot be written; a {@link ThreadDumpException}, whose
   *     message says what to do, if there is no such process, it is not such a JVM, or it cannot be
   *     reached
   * @throws InterruptedException if the thread is interrupted while it waits for the other JVM
   */
  public static ThreadDump of(long pid) throws IOException, InterruptedException {
    if (pid == ProcessHandle.current().pid()) {
      return here();
    }
    return dumps(() -> List.of(Capture.process(pid))).getFirst();
  }

  /**
   * Reads a dump from a file. If the file has several dumps, this returns the last one.
   *
   * @param file a file with a thread dump in any known format, which may be compressed with gzip
   * @return the dump
   * @throws IOException if the file cannot be read; a {@link ThreadDumpException} if it does not
   *     exist, has no thread dump, was cut short, or has a format that this release does not know
   * @throws NullPointerException if {@code file} is {@code null}
   */
  public static ThreadDump read(Path file) throws IOException {
    return readAll(file).getLast();
  }

  /**
   * Reads all dumps in a file, or in the files of a folder.
   *
   * @param path a file or a folder; files without a dump in a folder are ignored
   * @return the dumps, at least one: in file order for a file, by time for a folder
   * @throws IOException as {@link #read}
   * @throws NullPointerException if {@code path} is {@code null}
   */
  public static List<ThreadDump> readAll(Path path) throws IOException {
    Objects.requireNonNull(path, "path");
    return dumps(() -> DumpFiles.read(path));
  }

  /** Reads all dumps from a stream. */
  static List<ThreadDump> readAll(InputStream in) throws IOException {
    return dumps(() -> DumpReader.read(in));
  }

  private interface Source<X extends Exception> {
    List<DumpData> read() throws IOException, X;
  }

  private static <X extends Exception> List<ThreadDump> dumps(Source<X> source)
      throws IOException, X {
    try {
      return source.read().stream().map(ThreadDump::of).toList();
    } catch (DumpException e) {
      throw new ThreadDumpException(String.valueOf(e.getMessage()), e);
    }
  }

  private static ThreadDump of(DumpData data) {
    return new ThreadDump(
        data.pid(),
        data.time(),
        data.runtimeVersion(),
        data.containers().stream()
            .map(c -> new Container(c.name(), c.parent(), c.owner(), c.threads()))
            .toList(),
        data.skipped());
  }

  /** {@return the identifier of the process; 0 if the dump does not say} */
  public long pid() {
    return pid;
  }

  /** {@return when it was taken; if the dump does not say, when its file was last modified} */
  public Instant time() {
    return time;
  }

  /** {@return the version of the JVM, such as {@code 25.0.1+8}; empty if the dump does not say} */
  public String runtimeVersion() {
    return runtimeVersion;
  }

  /** {@return the executors and scopes with their threads, and a root for the other threads} */
  public List<Container> containers() {
    return containers;
  }

  /** {@return the threads of all containers} */
  public List<DumpedThread> threads() {
    return threads;
  }

  /** {@return how many threads and frames were skipped because they are damaged} */
  public int skipped() {
    return skipped;
  }

  /** {@return the process, the time, and the number of threads} */
  @Override
  public String toString() {
    return "ThreadDump[pid=%d, time=%s, threads=%d]".formatted(pid, time, threads.size());
  }

  /**
   * A group of threads: the threads of an executor or a scope, or the root with all other threads.
   *
   * @param name the name, unique in its dump; that of a scope begins with the scope's own name and
   *     a {@code /}
   * @param parent the name of the container it is in, or {@code null} for the root
   * @param owner the identifier of the thread that opened it, or {@code null} if the dump does not
   *     say; every scope has an owner
   * @param threads the threads directly in it
   * @since 0.1
   */
  public record Container(
      String name, @Nullable String parent, @Nullable Long owner, List<DumpedThread> threads) {

    /** Copies the list. */
    public Container {
      Objects.requireNonNull(name, "name");
      threads = List.copyOf(threads);
    }
  }
}
