package dev.holdfast.internal.util;

import java.util.List;

/** Records where tasks are forked, if recording is enabled. */
public final class ForkSites {

  private static final int FRAMES = 8;

  private static volatile boolean recorded = Boolean.getBoolean("holdfast.forkSites");

  private ForkSites() {}

  public static void record(boolean on) {
    recorded = on;
  }

  /** {@return the frames of user code that lead here; empty unless recording is enabled} */
  public static List<StackTraceElement> here() {
    return recorded ? walk() : List.of();
  }

  /** {@return the innermost frame of user code that leads here; empty if there is none} */
  public static String userFrame() {
    return StackWalker.getInstance()
        .walk(frames ->
            frames
                .filter(frame -> isUserCode(frame.getClassName()))
                .findFirst()
                .map(frame -> frame.toStackTraceElement().toString())
                .orElse(""));
  }

  private static boolean isUserCode(String type) {
    return !type.startsWith("java.") && !type.startsWith("jdk.") && !LibraryFrames.isLibrary(type);
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
