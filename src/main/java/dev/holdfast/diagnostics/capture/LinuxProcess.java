package dev.holdfast.diagnostics.capture;

import dev.holdfast.diagnostics.dump.DumpException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Another process on Linux, as {@code /proc} shows it, even in a container.
 *
 * @param pid its identifier in the namespace of this JVM
 * @param innerPid its identifier in its own namespace
 * @param user the number of the user whose rights it has
 * @param catchesQuit whether it handles the signal QUIT, as every JVM does; the signal would end
 *     any other process
 */
record LinuxProcess(long pid, long innerPid, int user, boolean catchesQuit) {

  private static final Path PROC = Path.of("/proc");
  private static final int QUIT = 3;

  static boolean isSupported() {
    return Files.isReadable(PROC.resolve("self/status"));
  }

  static LinuxProcess of(long pid) throws IOException {
    String text;
    try {
      text =
          Files.readString(
              PROC.resolve(Long.toString(pid)).resolve("status"), StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      throw new DumpException("There is no process " + pid, e);
    }
    return parse(pid, text);
  }

  static LinuxProcess parse(long pid, String status) {
    Map<String, String[]> fields = new HashMap<>();
    status
        .lines()
        .forEach(line -> {
          int colon = line.indexOf(':');
          if (colon > 0) {
            fields.put(line.substring(0, colon), line.substring(colon + 1).strip().split("\\s+"));
          }
        });
    String[] inner = fields.getOrDefault("NSpid", new String[] {Long.toString(pid)});
    String[] users = fields.getOrDefault("Uid", new String[] {"0", "0"});
    String[] caught = fields.getOrDefault("SigCgt", new String[] {"0"});
    return new LinuxProcess(
        pid,
        Long.parseLong(inner[inner.length - 1]),
        Integer.parseInt(users[1]),
        (Long.parseUnsignedLong(caught[0], 16) >> (QUIT - 1) & 1) != 0);
  }

  /** {@return its directory in {@code /proc}} */
  Path directory() {
    return PROC.resolve(Long.toString(pid));
  }

  /** {@return the path in this process of a file of the other process} */
  Path here(Path there) {
    return directory().resolve("root").resolve(Path.of("/").relativize(there));
  }

  /** Throws an exception, whose message says what to do, if its files are not accessible. */
  void requireAccess() throws DumpException {
    if (!Files.isDirectory(directory().resolve("root/"))) {
      throw new DumpException(
          "The files of process "
              + pid
              + " cannot be reached through /proc/"
              + pid
              + "/root. Run this as its user (sudo -u '#"
              + user
              + "'), or as root; a container needs the capability SYS_PTRACE and the PID"
              + " namespace of the process (kubectl debug --profile=sysadmin --target=CONTAINER)");
    }
  }
}
