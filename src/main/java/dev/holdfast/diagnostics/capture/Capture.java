package dev.holdfast.diagnostics.capture;

import dev.holdfast.diagnostics.dump.data.DumpData;
import java.io.IOException;

/** Dumps the threads of running JVMs. */
public final class Capture {

  private Capture() {}

  /** Dumps the threads of this JVM. */
  public static DumpData thisJvm() throws IOException {
    return TemporaryDump.of(ThisJvm::dumpTo);
  }

  /** Dumps the threads of another JVM on this machine. */
  public static DumpData process(long pid) throws IOException, InterruptedException {
    return TemporaryDump.of((file, format) -> Jcmd.dumpTo(file, format, pid));
  }
}
