package dev.holdfast.internal.util;

import java.util.List;

/** Records where tasks are forked, if that is switched on. */
public final class ForkSites {

  private static final int FRAMES = 8;

  private static volatile boolean recorded = Boolean.getBoolean("holdfast.forkSites");

  private ForkSites() {}

  public static void record(boolean on) {
    recorded = on;
  }

  /** {@return the frames of user code that lead here; empty unless fork sites are recorded} */
  public static List<StackTraceElement> here() {
    return recorded ? walk() : List.of();
  }

  private static List<StackTraceElement> walk() {
    return StackWalker.getInstance()
        .walk(frames ->
            frames
                .dropWhile(frame -> LibraryFrames.isLibrary(frame.getClassName()))
                .limit(FRAMES)
                .map(StackWalker.StackFrame::toStackTraceElement)
                .toList());
  }
}
