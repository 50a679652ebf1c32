package dev.holdfast.channel;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

/** The event of channels in a flight recording. */
@SuppressWarnings("unused") // fields of events are read by the recorder
final class Flight {

  /** A run-time image may have been linked without it. */
  private static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private Flight() {}

  /** {@return an event that has begun, or null unless such events are recorded} */
  static @Nullable Object beginWait() {
    if (!PRESENT) {
      return null;
    }
    var event = new ChannelBlocked();
    if (!event.isEnabled()) {
      return null;
    }
    event.begin();
    return event;
  }

  /**
   * Records a wait that is over.
   *
   * @param operation what was waited for; asked before, an ended wait has forgotten it
   */
  static void endWait(@Nullable Object begun, Waiting.Operation operation, Waiting waiting) {
    if (begun instanceof ChannelBlocked event) {
      event.end();
      if (event.shouldCommit()) {
        event.operation = operation.name();
        event.channel = waiting.channels().toString();
        event.commit();
      }
    }
  }

  @Name("dev.holdfast.ChannelBlocked")
  @Label("Channel Blocked")
  @Category("Holdfast")
  @Description("A wait to send, to receive or to select")
  @Threshold("20 ms")
  private static final class ChannelBlocked extends Event {

    @Label("Operation")
    @Nullable String operation;

    @Label("Channel")
    @Nullable String channel;
  }
}
