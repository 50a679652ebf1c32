package dev.holdfast.internal.channel;

import dev.holdfast.internal.clock.CurrentScope;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

/**
 * The flight recorder's event of a blocked channel operation.
 *
 * <p>A run-time image may lack the recorder, so only the nested class refers to it. A failure to
 * record never reaches the program.
 */
final class BlockedEvent {

  private static final boolean AVAILABLE = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private BlockedEvent() {}

  /** {@return an event that has begun, or null if such events are not recorded} */
  static @Nullable Object begin() {
    try {
      return AVAILABLE ? Recorded.begun() : null;
    } catch (Throwable t) {
      return null;
    }
  }

  /** Records a wait that has ended, if it took long enough. */
  static void end(@Nullable Object begun, Waiter waiter) {
    if (begun != null) {
      try {
        ((Recorded) begun).end(waiter);
      } catch (Throwable t) {
        // a recording must not fail the program
      }
    }
  }

  @SuppressWarnings("unused") // the recorder reads the fields
  @Name("dev.holdfast.ChannelBlocked")
  @Label("Channel Blocked")
  @Category("Holdfast")
  @Description("A wait to send, to receive or to select")
  @Threshold("20 ms")
  private static final class Recorded extends Event {

    @Label("Operation")
    @Nullable String operation;

    @Label("Channel")
    @Nullable String channel;

    @Label("Scope Number")
    @Description("The number of the scope that the thread is in, unique in the JVM; 0 for none")
    long scopeId;

    @Label("Parent Number")
    @Description("The number of the scope around the scope that the thread is in; 0 for none")
    long parentId;

    @Label("At")
    @Description("The innermost frame of the application")
    @Nullable String at;

    static @Nullable Object begun() {
      var event = new Recorded();
      if (!event.isEnabled()) {
        return null;
      }
      event.begin();
      return event;
    }

    void end(Waiter waiter) {
      end();
      if (shouldCommit()) {
        operation = waiter.operationName();
        channel = waiter.channelNames();
        CurrentScope.Place place = CurrentScope.place();
        scopeId = place.scope();
        parentId = place.parent();
        at = place.at();
        commit();
      }
    }
  }
}
