package dev.holdfast.channel;

import org.jspecify.annotations.Nullable;

/**
 * The event of channels in a flight recording, if there can be one: a run-time image may have been
 * linked without the recorder. What goes wrong in it is nobody's failure.
 */
final class Flight {

  private static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private Flight() {}

  /** {@return an event that has begun, or null unless such events are recorded} */
  static @Nullable Object beginWait() {
    try {
      return PRESENT ? ChannelBlocked.begun() : null;
    } catch (Throwable t) {
      return null;
    }
  }

  /**
   * Records a wait that is over.
   *
   * @param operation what was waited for; asked before, an ended wait has forgotten it
   */
  static void endWait(@Nullable Object begun, Waiting.Operation operation, Waiting waiting) {
    if (begun != null) {
      try {
        ChannelBlocked.end(begun, operation, waiting);
      } catch (Throwable t) {
        // the program matters more than its recording
      }
    }
  }
}
