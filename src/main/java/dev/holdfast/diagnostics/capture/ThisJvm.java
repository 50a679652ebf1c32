package dev.holdfast.diagnostics.capture;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import dev.holdfast.diagnostics.dump.DumpException;
import dev.holdfast.diagnostics.dump.data.DumpData;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Dumps the threads of the JVM that this code runs in. */
final class ThisJvm {

  private static final boolean CRASHES_OTHERWISE = Runtime.version().feature() == 25;

  private ThisJvm() {}

  static void dumpTo(Path file, TemporaryDump.Format format) throws IOException {
    try {
      if (!dump(file, format == TemporaryDump.Format.JSON)) {
        throw moduleMissing(null);
      }
    } catch (LinkageError e) {
      throw moduleMissing(e);
    } catch (RuntimeException e) {
      throw new DumpException("This JVM could not write a dump of its threads: " + e, e);
    }
  }

  /** {@return the dump without the threads that {@link #dumpTo} has started} */
  static DumpData withoutHelpers(DumpData dump) {
    return dump.without(thread -> thread.name().equals(StoppedCarriers.NAME));
  }

  private static boolean dump(Path file, boolean json) throws IOException {
    return CRASHES_OTHERWISE
        ? StoppedCarriers.whileStopped(() -> Bean.dump(file, json))
        : Bean.dump(file, json);
  }

  private static DumpException moduleMissing(@Nullable LinkageError cause) {
    return new DumpException(
        "This JVM cannot dump its own threads: the module jdk.management is missing. Run it with"
            + " --add-modules jdk.management, or take the dump from outside, with jcmd.",
        cause);
  }

  /** A separate class, so that the outer class links without the module. */
  private static final class Bean {

    /** Writes a dump to a file. {@return false if this JVM has no bean for thread dumps} */
    static boolean dump(Path file, boolean json) throws IOException {
      HotSpotDiagnosticMXBean bean =
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      if (bean == null) {
        return false;
      }
      bean.dumpThreads(file.toString(), json ? ThreadDumpFormat.JSON : ThreadDumpFormat.TEXT_PLAIN);
      return true;
    }
  }
}
