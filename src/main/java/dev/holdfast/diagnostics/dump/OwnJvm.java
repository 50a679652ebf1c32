package dev.holdfast.diagnostics.dump;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Dumps the threads of the JVM that this code runs in. */
final class OwnJvm {

  private OwnJvm() {}

  static void dumpTo(Path file) throws IOException {
    HotSpotDiagnosticMXBean bean;
    try {
      bean = Bean.find();
    } catch (LinkageError e) {
      throw moduleMissing(e);
    }
    if (bean == null) {
      throw moduleMissing(null);
    }
    bean.dumpThreads(file.toString(), ThreadDumpFormat.JSON);
  }

  private static DumpException moduleMissing(@Nullable LinkageError cause) {
    return new DumpException(
        "This JVM cannot dump its own threads: the module jdk.management is missing. Run it with"
            + " --add-modules jdk.management, or take the dump from outside, with jcmd.",
        cause);
  }

  /** A class of its own, so that the outer one links without the module. */
  private static final class Bean {

    static @Nullable HotSpotDiagnosticMXBean find() {
      return ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    }
  }
}
