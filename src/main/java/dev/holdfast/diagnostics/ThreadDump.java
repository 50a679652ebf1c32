package dev.holdfast.diagnostics;

import dev.holdfast.diagnostics.dump.DumpData;
import dev.holdfast.diagnostics.dump.DumpException;
import dev.holdfast.diagnostics.dump.DumpReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of all threads of a JVM, platform and virtual.
 *
 * <p>It is taken from this JVM, from another one on this machine, or from a file that {@code jcmd
 * PID Thread.dump_to_file -format=json FILE} has written. It reads dumps of JDK 21 to 27; {@link
 * DumpedThread} says which JDK writes what.
 *
 * <p>The threads keep running while the dump is taken, so each one is recorded at a different
 * moment. A dump takes time in proportion to the number of threads, about a second for ten
 * thousand. Take one when you have a question, not every minute.
 *
 * @since 0.1
 */
public final class ThreadDump {

  private final long pid;
  private final Instant time;
  private final String runtimeVersion;
  private final List<Container> containers;
  private final List<DumpedThread> threads;

  ThreadDump(long pid, Instant time, String runtimeVersion, List<Container> containers) {
    this.pid = pid;
    this.time = time;
    this.runtimeVersion = runtimeVersion;
    this.containers = List.copyOf(containers);
    this.threads = containers.stream().flatMap(c -> c.threads().stream()).toList();
  }

  /**
   * Dumps the threads of this JVM.
   *
   * @return the dump
   * @throws IOException if the JVM could not write its temporary file; a {@link
   *     ThreadDumpException} if the JVM lacks the module {@code jdk.management}
   */
  public static ThreadDump here() throws IOException {
    return dump(DumpReader::ofThisJvm);
  }

  /**
   * Dumps the threads of a JVM on this machine.
   *
   * <p>Runs {@code jcmd} of the JDK of this JVM, or else of the other one. The other JVM must be of
   * JDK 21 or newer, and run as the same user.
   *
   * @param pid the identifier of its process
   * @return the dump
   * @throws IOException if temporary files cannot be written; a {@link ThreadDumpException} if
   *     there is no such process, it is not such a JVM, or there is no {@code jcmd}
   * @throws InterruptedException if the thread is interrupted while it waits for {@code jcmd}
   */
  public static ThreadDump of(long pid) throws IOException, InterruptedException {
    if (pid == ProcessHandle.current().pid()) {
      return here();
    }
    return dump(() -> DumpReader.ofProcess(pid));
  }

  /**
   * Reads a dump from a file.
   *
   * @param file a thread dump as JSON, as {@code jcmd} writes it
   * @return the dump
   * @throws IOException if the file cannot be read; a {@link ThreadDumpException} if it does not
   *     exist, is not a thread dump, was cut short, or has a format that this release does not know
   * @throws NullPointerException if {@code file} is {@code null}
   */
  public static ThreadDump read(Path file) throws IOException {
    Objects.requireNonNull(file, "file");
    return dump(() -> DumpReader.read(file));
  }

  private interface Source<X extends Exception> {
    DumpData read() throws IOException, X;
  }

  private static <X extends Exception> ThreadDump dump(Source<X> source) throws IOException, X {
    DumpData data;
    try {
      data = source.read();
    } catch (DumpException e) {
      throw new ThreadDumpException(String.valueOf(e.getMessage()), e);
    }
    return new ThreadDump(
        data.pid(),
        data.time(),
        data.runtimeVersion(),
        data.containers().stream()
            .map(c -> new Container(c.name(), c.parent(), c.owner(), c.threads()))
            .toList());
  }

  /** {@return the identifier of the process} */
  public long pid() {
    return pid;
  }

  /** {@return when it was taken} */
  public Instant time() {
    return time;
  }

  /** {@return the version of the JVM, such as {@code 25.0.1+8}} */
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

  /** {@return the process, the time, and the number of threads} */
  @Override
  public String toString() {
    return "ThreadDump[pid=%d, time=%s, threads=%d]".formatted(pid, time, threads.size());
  }

  /**
   * A group of threads: those of an executor or a scope, or the root with those of neither.
   *
   * @param name the name, unique in its dump; that of a scope begins with the scope's own name and
   *     a {@code /}
   * @param parent the name of the container it is in, or {@code null} for the root
   * @param owner the identifier of the thread that opened it, or {@code null} if the dump does not
   *     say; scopes have one
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
