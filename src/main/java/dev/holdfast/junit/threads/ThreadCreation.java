package dev.holdfast.junit.threads;

import dev.holdfast.internal.util.LibraryFrames;
import java.lang.StackWalker.StackFrame;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a thread was created.
 *
 * @param execution the test that created it
 * @param isRawVirtual whether it is a virtual thread that Holdfast did not create
 * @param from the frames that created it
 */
record ThreadCreation(TestExecution execution, boolean isRawVirtual, List<StackTraceElement> from) {

  /*
   * The JVM does not record which code created a thread. But while it creates one, it asks each
   * inheritable thread-local for the child's value, on the creating thread: there the stack can be
   * walked. The callback does not say which thread is being created. That thread has drawn its
   * identifier just before, so it is the one before the next identifier. If another thread is
   * created elsewhere between the two, they are confused; that is rare, and matters only if one of
   * them leaks.
   */

  private static final int DEPTH = 16;
  private static final StackWalker WALKER = StackWalker.getInstance();

  private static final InheritableThreadLocal<@Nullable TestExecution> CURRENT =
      new InheritableThreadLocal<>() {
        @Override
        protected @Nullable TestExecution childValue(@Nullable TestExecution execution) {
          if (execution != null && execution.recordsCreations()) {
            long thread = ThreadIds.next() - 1;
            execution.recordCreation(thread, WALKER.walk(frames -> of(execution, frames)));
          }
          return execution;
        }
      };

  /** Makes a test the creator of the threads that the current thread creates from now on. */
  static @Nullable TestExecution enter(TestExecution execution) {
    TestExecution before = CURRENT.get();
    CURRENT.set(execution);
    return before;
  }

  /** Restores what {@link #enter} has returned. */
  static void leave(@Nullable TestExecution before) {
    if (before == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(before);
    }
  }

  private static ThreadCreation of(TestExecution execution, Stream<StackFrame> frames) {
    List<StackFrame> stack =
        frames.dropWhile(frame -> !isThreadConstructor(frame)).limit(DEPTH).toList();
    boolean virtual = stack.stream().anyMatch(ThreadCreation::isVirtualThreadConstructor);
    int creator = 0;
    while (creator < stack.size() && isThreadMachinery(stack.get(creator))) {
      creator++;
    }
    boolean byHoldfast =
        creator < stack.size() && LibraryFrames.isLibrary(stack.get(creator).getClassName());
    return new ThreadCreation(
        execution,
        virtual && !byHoldfast,
        stack.subList(creator, stack.size()).stream()
            .takeWhile(frame -> !frame.getClassName().startsWith("org.junit."))
            .map(StackFrame::toStackTraceElement)
            .toList());
  }

  private static boolean isThreadConstructor(StackFrame frame) {
    return frame.getMethodName().equals("<init>")
        && frame.getClassName().equals("java.lang.Thread");
  }

  private static boolean isVirtualThreadConstructor(StackFrame frame) {
    return frame.getMethodName().equals("<init>")
        && frame.getClassName().equals("java.lang.VirtualThread");
  }

  private static boolean isThreadMachinery(StackFrame frame) {
    String type = frame.getClassName();
    return type.equals("java.lang.Thread")
        || type.startsWith("java.lang.ThreadBuilders")
        || (type.startsWith("java.lang.") && type.endsWith("VirtualThread"));
  }
}
