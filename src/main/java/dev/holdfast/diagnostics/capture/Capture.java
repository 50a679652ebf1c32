package dev.holdfast.diagnostics.capture;

import dev.holdfast.diagnostics.dump.data.DumpData;
import java.io.IOException;

/** Dumps the threads of running JVMs. */
public final class Capture {

  private Capture() {}

  /** Dumps the threads of this JVM. */
  public static DumpData thisJvm() throws IOException {
    return ThisJvm.withoutHelpers(
        TemporaryDump.of(
            TemporaryDump::own, (directory, format) -> ThisJvm.dumpTo(directory.file(), format)));
  }

  /** Dumps the threads of another JVM on this machine. */
  public static DumpData process(long pid) throws IOException, InterruptedException {
    if (LinuxProcess.isSupported()) {
      LinuxJvm jvm = LinuxJvm.of(pid);
      return jvm.withPid(TemporaryDump.of(jvm::directory, jvm::dumpTo));
    }
    return TemporaryDump.of(
        TemporaryDump::own, (directory, format) -> Jcmd.dumpTo(directory.file(), format, pid));
  }
}
