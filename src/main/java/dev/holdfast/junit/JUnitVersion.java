package dev.holdfast.junit;

import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Warns once if the check does not support the release of JUnit. */
final class JUnitVersion {

  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");
  private static final AtomicBoolean CHECKED = new AtomicBoolean();

  private JUnitVersion() {}

  static void check() {
    String problem = CHECKED.compareAndSet(false, true) ? problem(running()) : null;
    if (problem != null) {
      System.getLogger("dev.holdfast").log(Level.WARNING, problem);
    }
  }

  private static @Nullable String running() {
    return Test.class.getModule().getDescriptor() == null
        ? Test.class.getPackage().getImplementationVersion()
        : Test.class.getModule().getDescriptor().rawVersion().orElse(null);
  }

  /** {@return a warning about a release of JUnit, or null if it is supported or not known} */
  static @Nullable String problem(@Nullable String version) {
    Matcher parts = VERSION.matcher(version == null ? "" : version);
    if (!parts.matches()) {
      return null;
    }
    int major = Integer.parseInt(parts.group(1));
    int minor = Integer.parseInt(parts.group(2));
    boolean supported = major == 6 || (major == 5 && minor >= 11);
    return supported
        ? null
        : "@LeakFree works with JUnit 5.11 to 6, but this is JUnit "
            + version
            + ": it may miss leaks or fail to report them. Use a supported release.";
  }
}
