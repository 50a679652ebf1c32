package dev.holdfast.junit.threads;

import dev.holdfast.internal.util.LibraryFrames;
import java.lang.StackWalker.Option;
import java.lang.StackWalker.StackFrame;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a thread was created.
 *
 * @param lineage the lineage that the new thread inherits
 * @param isRawVirtual whether it is a virtual thread that Holdfast did not create
 * @param from the frames that created it, up to the test method
 * @param before a thread identifier that was drawn after the new thread had its own, perhaps with
 *     others in between
 */
record ThreadCreation(
    Lineage lineage, boolean isRawVirtual, List<StackTraceElement> from, long before) {

  /**
   * The owner that a thread inherits from the thread that created it.
   *
   * @param execution the test that it belongs to; null if it belongs to whichever test runs
   * @param isShared whether it belongs to a fixture that several tests share, such as a cached
   *     context
   */
  record Lineage(@Nullable TestExecution execution, boolean isShared) {

    /** {@return the test, or null if it has ended or is not known} */
    @Nullable TestExecution running() {
      return execution == null || execution.isClosed() ? null : execution;
    }
  }

  /** The stack of a request has about a hundred frames of a framework. */
  private static final int DEPTH = 400;

  /**
   * Holdfast knows more about its own threads than where they were created, so few frames suffice.
   */
  private static final int DEPTH_OF_LIBRARY = 16;

  private static final StackWalker WALKER = StackWalker.getInstance(Option.RETAIN_CLASS_REFERENCE);

  /** {@return the creation of the thread whose constructor the current thread runs} */
  static ThreadCreation here(Lineage creator, long before) {
    return WALKER.walk(frames -> of(creator, frames, before));
  }

  /**
   * {@return whether the threads of this creation and another one may be confused with each other}
   */
  boolean isConfusable(long thread, long otherThread, ThreadCreation other) {
    return (thread <= otherThread && otherThread < before)
        || (otherThread <= thread && thread < other.before);
  }

  /** {@return whether the thread whose constructor the current thread runs will be virtual} */
  static boolean isVirtualHere() {
    return WALKER.walk(frames ->
        constructor(frames)
            .limit(DEPTH_OF_LIBRARY)
            .anyMatch(ThreadCreation::isVirtualThreadConstructor));
  }

  private static ThreadCreation of(Lineage creator, Stream<StackFrame> frames, long before) {
    List<StackFrame> stack =
        constructor(frames)
            .limit(DEPTH)
            .takeWhile(frame -> !frame.getClassName().startsWith("org.junit."))
            .toList();
    boolean virtual = stack.stream().anyMatch(ThreadCreation::isVirtualThreadConstructor);
    int machinery = 0;
    while (machinery < stack.size() && isThreadMachinery(stack.get(machinery))) {
      machinery++;
    }
    List<StackFrame> from = stack.subList(machinery, stack.size());
    boolean byHoldfast = !from.isEmpty() && LibraryFrames.isLibrary(from.getFirst().getClassName());
    return new ThreadCreation(
        SharedFixtures.lineage(creator, from),
        virtual && !byHoldfast,
        from.stream()
            .limit(byHoldfast ? DEPTH_OF_LIBRARY : DEPTH)
            .map(StackFrame::toStackTraceElement)
            .toList(),
        before);
  }

  private static Stream<StackFrame> constructor(Stream<StackFrame> frames) {
    return frames.dropWhile(frame -> !isConstructor(frame, "java.lang.Thread"));
  }

  private static boolean isVirtualThreadConstructor(StackFrame frame) {
    return isConstructor(frame, "java.lang.VirtualThread");
  }

  private static boolean isConstructor(StackFrame frame, String type) {
    return frame.getMethodName().equals("<init>") && frame.getClassName().equals(type);
  }

  private static boolean isThreadMachinery(StackFrame frame) {
    String type = frame.getClassName();
    return type.equals("java.lang.Thread")
        || type.startsWith("java.lang.ThreadBuilders")
        || (type.startsWith("java.lang.") && type.endsWith("VirtualThread"));
  }
}
