package dev.holdfast.diagnostics;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Thread dumps of the JVM this runs in. */
final class OwnJvm {

  private OwnJvm() {}

  static void dumpTo(Path file) throws IOException {
    HotSpotDiagnosticMXBean bean;
    try {
      bean = Bean.find();
    } catch (LinkageError e) {
      throw without(e);
    }
    if (bean == null) {
      throw without(null);
    }
    bean.dumpThreads(file.toString(), ThreadDumpFormat.JSON);
  }

  private static ThreadDumpException without(@Nullable LinkageError cause) {
    var e =
        new ThreadDumpException(
            "This JVM cannot dump its own threads: the module jdk.management is missing. Run it"
                + " with --add-modules jdk.management, or take the dump from outside, with jcmd.");
    if (cause != null) {
      e.initCause(cause);
    }
    return e;
  }

  /** Apart, so that the rest is linked without the module. */
  private static final class Bean {

    static @Nullable HotSpotDiagnosticMXBean find() {
      return ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    }
  }
}
