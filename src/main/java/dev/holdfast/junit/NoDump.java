package dev.holdfast.junit;

import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;

/** Warns once that the check cannot search for virtual threads. */
final class NoDump {

  private static final AtomicBoolean SAID = new AtomicBoolean();

  private NoDump() {}

  static void warn(Exception why) {
    if (SAID.compareAndSet(false, true)) {
      System.getLogger("dev.holdfast")
          .log(
              Level.WARNING,
              "@LeakFree cannot see virtual threads that are not Holdfast's: no thread dump could"
                  + " be taken.",
              why);
    }
  }
}
