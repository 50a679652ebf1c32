package dev.holdfast.diagnostics;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A picture of all threads of a JVM, platform and virtual.
 *
 * <p>It is taken from this JVM, from another one on this machine, or from a file that {@code jcmd
 * PID Thread.dump_to_file -format=json FILE} has written. JVMs of JDK 21 to 27 are known; what they
 * tell differs, see {@link DumpedThread}.
 *
 * <p>The threads run on while the picture is taken: each one is seen at another moment. Taking it
 * costs the JVM time that grows with its threads, about a second for ten thousand, so this is for
 * when there is a question, not for every minute.
 *
 * @since 0.1
 */
public final class ThreadDump {

  /** More than fits into a string. */
  private static final long TOO_LARGE = Integer.MAX_VALUE - 64L;

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
   * Takes a picture of this JVM.
   *
   * @return the picture
   * @throws IOException if the JVM could not write its temporary file; a {@link
   *     ThreadDumpException} if it has no means to
   */
  public static ThreadDump here() throws IOException {
    return TemporaryDump.of(OwnJvm::dumpTo);
  }

  /**
   * Takes a picture of a JVM on this machine.
   *
   * <p>Runs {@code jcmd}, of this JVM's JDK or of the other one's. The other JVM must be of JDK 21
   * or newer, and run as the same user.
   *
   * @param pid the identifier of its process
   * @return the picture
   * @throws IOException if temporary files cannot be written; a {@link ThreadDumpException} if
   *     there is no such process, it is not such a JVM, or there is no {@code jcmd}
   * @throws InterruptedException if the thread is interrupted while it waits for {@code jcmd}
   */
  public static ThreadDump of(long pid) throws IOException, InterruptedException {
    if (pid == ProcessHandle.current().pid()) {
      return here();
    }
    return TemporaryDump.of(file -> Jcmd.dumpTo(file, pid));
  }

  /**
   * Reads a picture from a file.
   *
   * @param file a thread dump as JSON, as {@code jcmd} writes it
   * @return the picture
   * @throws IOException if the file cannot be read; a {@link ThreadDumpException} if there is none,
   *     it is no thread dump, was cut short, or is of a format that this release does not know
   * @throws NullPointerException if {@code file} is {@code null}
   */
  public static ThreadDump read(Path file) throws IOException {
    Objects.requireNonNull(file, "file");
    try {
      if (Files.size(file) > TOO_LARGE) {
        throw new ThreadDumpException("is larger than 2 GB, which cannot be read");
      }
      if (Files.isDirectory(file)) {
        throw new ThreadDumpException(DumpReader.NO_DUMP + ": it is a directory");
      }
      return DumpReader.read(Files.readString(file));
    } catch (ThreadDumpException e) {
      throw new ThreadDumpException(file + " " + e.getMessage(), e);
    } catch (NoSuchFileException e) {
      throw new ThreadDumpException("There is no file " + file, e);
    } catch (CharacterCodingException e) {
      throw new ThreadDumpException(file + " " + DumpReader.NO_DUMP + ": it is not text", e);
    }
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

  /** {@return what the threads are in: executors, scopes, and a root for those in nothing} */
  public List<Container> containers() {
    return containers;
  }

  /** {@return the threads of all containers} */
  public List<DumpedThread> threads() {
    return threads;
  }

  /** {@return how many threads were seen where and when} */
  @Override
  public String toString() {
    return "ThreadDump[pid=%d, time=%s, threads=%d]".formatted(pid, time, threads.size());
  }

  /**
   * What threads are in: an executor, a scope, or the root of those in nothing.
   *
   * @param name the name; unique in its dump, and that of a scope begins with the scope's own name
   *     and a {@code /}
   * @param parent the name of the container it is in, or {@code null} for the root
   * @param owner the identifier of the thread that opened it, or {@code null} if that is not told;
   *     it is for scopes
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
