package dev.holdfast.diagnostics;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Thread dumps of other JVMs. */
final class Jcmd {

  /** A JVM that does not answer within ten seconds is given up by jcmd itself. */
  private static final long LIMIT_SECONDS = 120;

  private Jcmd() {}

  static void dumpTo(Path file, long pid) throws IOException, InterruptedException {
    ProcessHandle target =
        ProcessHandle.of(pid)
            .orElseThrow(() ->
                new ThreadDumpException(
                    "There is no process " + pid + "; jcmd -l lists the JVMs there are"));
    Path log = file.resolveSibling("jcmd.log");
    Process jcmd =
        new ProcessBuilder(
                find(target).toString(),
                "-J-XX:TieredStopAtLevel=1",
                "-J-XX:+UseSerialGC",
                Long.toString(pid),
                "Thread.dump_to_file",
                "-format=json",
                file.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      if (!jcmd.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new ThreadDumpException(
            "Process " + pid + " has not dumped its threads within " + LIMIT_SECONDS + " s");
      }
    } finally {
      jcmd.destroyForcibly();
    }
    if (jcmd.exitValue() != 0 || !Files.exists(file)) {
      throw new ThreadDumpException(
          "Process "
              + pid
              + " gave no thread dump; it must be a JVM of JDK 21 or newer, and run as the same"
              + " user as this one. jcmd says: "
              + firstLine(log));
    }
  }

  private static Path find(ProcessHandle target) throws ThreadDumpException {
    String own = System.getProperty("java.home");
    return Stream.concat(
            Stream.of(Path.of(own, "bin")),
            target.info().command().map(Path::of).map(Path::getParent).stream())
        .map(bin -> bin.resolve(File.separatorChar == '/' ? "jcmd" : "jcmd.exe"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() ->
            new ThreadDumpException(
                "There is no jcmd in "
                    + own
                    + ", nor beside the java of process "
                    + target.pid()
                    + ". Run this with a JDK instead of a JRE."));
  }

  /** {@return what jcmd has to say, without the process it says it of} */
  private static String firstLine(Path log) throws IOException {
    return Files.readString(log, StandardCharsets.ISO_8859_1) // which reads anything
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.matches("\\d+:"))
        .findFirst()
        .orElse("nothing");
  }
}
