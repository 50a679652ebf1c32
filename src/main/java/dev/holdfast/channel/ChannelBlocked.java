package dev.holdfast.channel;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

/** The event itself: loaded only where there is something to record it. */
@SuppressWarnings("unused") // fields are read by the recorder
@Name("dev.holdfast.ChannelBlocked")
@Label("Channel Blocked")
@Category("Holdfast")
@Description("A wait to send, to receive or to select")
@Threshold("20 ms")
final class ChannelBlocked extends Event {

  @Label("Operation")
  @Nullable String operation;

  @Label("Channel")
  @Nullable String channel;

  /** {@return one that has begun, or null unless such events are recorded} */
  static @Nullable Object begun() {
    var event = new ChannelBlocked();
    if (!event.isEnabled()) {
      return null;
    }
    event.begin();
    return event;
  }

  static void end(Object begun, Waiting.Operation operation, Waiting waiting) {
    if (begun instanceof ChannelBlocked event) {
      event.end();
      if (event.shouldCommit()) {
        event.operation = operation.name();
        event.channel = waiting.channels().toString();
        event.commit();
      }
    }
  }
}
