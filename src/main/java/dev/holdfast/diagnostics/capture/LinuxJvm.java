package dev.holdfast.diagnostics.capture;

import dev.holdfast.diagnostics.dump.DumpException;
import dev.holdfast.diagnostics.dump.data.DumpData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Dumps the threads of another JVM on Linux without JDK tools. That JVM may run as another user, or
 * in a container with its own file system.
 */
final class LinuxJvm {

  private static final long LIMIT_SECONDS = 120;

  private final LinuxProcess target;

  private LinuxJvm(LinuxProcess target) {
    this.target = target;
  }

  static LinuxJvm of(long pid) throws IOException {
    LinuxProcess target = LinuxProcess.of(pid);
    target.requireAccess();
    return new LinuxJvm(target);
  }

  /** Creates a directory that both processes, but no third user, can enter. */
  TemporaryDump.Directory directory() throws IOException {
    IOException failure = null;
    for (Path there : candidates()) {
      Path here = target.here(there);
      try {
        Path made =
            Files.createTempDirectory(
                here,
                TemporaryDump.PREFIX,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        if (!Integer.valueOf(target.user()).equals(Files.getAttribute(made, "unix:uid"))) {
          giveAway(made);
        }
        return new TemporaryDump.Directory(made, there.resolve(made.getFileName().toString()));
      } catch (IOException e) {
        failure = failure == null ? e : failure;
      }
    }
    throw new DumpException(
        "Process "
            + target.pid()
            + " has no directory in which both it and this program can write (tried "
            + candidates()
            + "). Mount one at /tmp, or run this as root or as its user. "
            + failure,
        failure);
  }

  private void giveAway(Path directory) throws IOException {
    try {
      Files.setAttribute(directory, "unix:uid", target.user());
    } catch (IOException e) {
      Files.delete(directory);
      throw e;
    }
  }

  /** {@return directories in which the other process may write, as paths in that process} */
  private List<Path> candidates() {
    var found = new ArrayList<>(List.of(Path.of("/tmp"), Path.of("/dev/shm"), Path.of("/var/tmp")));
    try {
      found.add(Files.readSymbolicLink(target.directory().resolve("cwd")));
    } catch (IOException e) {
      // one candidate fewer
    }
    found.removeIf(path -> !Files.isDirectory(target.here(path), LinkOption.NOFOLLOW_LINKS));
    return found;
  }

  void dumpTo(TemporaryDump.Directory directory, TemporaryDump.Format format)
      throws IOException, InterruptedException {
    String command = "Thread.dump_to_file -format=" + format.option + " " + directory.fileThere();
    String answer;
    try {
      answer = AttachSocket.send(AttachListener.socket(target), command, LIMIT_SECONDS);
    } catch (DumpException e) {
      throw failed(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw failed(e.toString(), e);
    }
    if (!Files.exists(directory.file())) {
      throw failed("it says: " + firstLine(answer), null);
    }
  }

  /**
   * {@return the dump with the process identifier in this namespace, not the one in the target's
   * namespace}
   */
  DumpData withPid(DumpData dump) {
    return new DumpData(
        target.pid(), dump.time(), dump.runtimeVersion(), dump.containers(), dump.skipped());
  }

  private DumpException failed(String why, @Nullable Throwable cause) {
    return new DumpException(
        "Process "
            + target.pid()
            + " gave no thread dump; it must be a JVM (HotSpot) of JDK 21 or newer, and this"
            + " program must run as its user ("
            + target.user()
            + ") or as root: "
            + why,
        cause);
  }

  /** {@return the first line of a command's output, after the status line} */
  private static String firstLine(String answer) {
    return answer
        .lines()
        .skip(1)
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .findFirst()
        .orElse("nothing");
  }
}
