package dev.holdfast.diagnostics.capture;

import dev.holdfast.diagnostics.dump.DumpException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Dumps the threads of another JVM with the program {@code jcmd}, where there is no {@code /proc}.
 */
final class Jcmd {

  /** jcmd itself gives up on a JVM that does not answer within ten seconds. */
  private static final long LIMIT_SECONDS = 120;

  private Jcmd() {}

  static void dumpTo(Path file, TemporaryDump.Format format, long pid)
      throws IOException, InterruptedException {
    ProcessHandle target =
        ProcessHandle.of(pid)
            .orElseThrow(() ->
                new DumpException(
                    "There is no process " + pid + "; jcmd -l lists the running JVMs"));
    Path log = file.resolveSibling("jcmd.log");
    Process jcmd =
        new ProcessBuilder(
                find(target).toString(),
                "-J-XX:TieredStopAtLevel=1",
                "-J-XX:+UseSerialGC",
                Long.toString(pid),
                "Thread.dump_to_file",
                "-format=" + format.option,
                file.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      if (!jcmd.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new DumpException(
            "Process " + pid + " did not dump its threads within " + LIMIT_SECONDS + " s");
      }
    } finally {
      jcmd.destroyForcibly();
    }
    if (jcmd.exitValue() != 0 || !Files.exists(file)) {
      throw new DumpException(
          "Process "
              + pid
              + " gave no thread dump; it must be a JVM of JDK 21 or newer, and run as the same"
              + " user as this one. jcmd says: "
              + firstLine(log));
    }
  }

  private static Path find(ProcessHandle target) throws DumpException {
    String own = System.getProperty("java.home");
    return Stream.concat(
            Stream.of(Path.of(own, "bin")),
            target.info().command().map(Path::of).map(Path::getParent).stream())
        .map(bin -> bin.resolve(File.separatorChar == '/' ? "jcmd" : "jcmd.exe"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() ->
            new DumpException(
                "There is no jcmd in "
                    + own
                    + ", nor next to the java of process "
                    + target.pid()
                    + ". Run this with a JDK instead of a JRE."));
  }

  /** {@return the first line of jcmd's output that is not the process identifier} */
  private static String firstLine(Path log) throws IOException {
    return Files.readString(log, StandardCharsets.ISO_8859_1) // ISO 8859-1 decodes any bytes
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.matches("\\d+:"))
        .findFirst()
        .orElse("nothing");
  }
}
