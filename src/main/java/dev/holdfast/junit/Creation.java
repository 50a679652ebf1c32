package dev.holdfast.junit;

import java.lang.StackWalker.StackFrame;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where a thread was created. */
record Creation(Window window, boolean isRawVirtual, List<StackTraceElement> from) {

  /*
   * The JVM does not tell who created a thread. But while a thread is created, those thread-locals
   * that are inherited are asked for the value that it is to have, on the creating thread: there the
   * stack can be walked. Which thread it is one is not told; it has drawn its identifier just
   * before, so it is the one before the next. Between the two another thread may be created
   * elsewhere: then the two are taken for each other, which is rare, and matters only if one leaks.
   */

  private static final int DEPTH = 16;
  private static final StackWalker WALKER = StackWalker.getInstance();

  private static final InheritableThreadLocal<@Nullable Window> CURRENT =
      new InheritableThreadLocal<>() {
        @Override
        protected @Nullable Window childValue(@Nullable Window window) {
          if (window != null && window.wantsCreations()) {
            long thread = Ids.next() - 1;
            window.created(thread, WALKER.walk(frames -> of(window, frames)));
          }
          return window;
        }
      };

  /** {@return the window that was current before} */
  static @Nullable Window enter(Window window) {
    Window before = CURRENT.get();
    CURRENT.set(window);
    return before;
  }

  static void leave(@Nullable Window before) {
    if (before == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(before);
    }
  }

  private static Creation of(Window window, Stream<StackFrame> frames) {
    List<StackFrame> inside =
        frames.dropWhile(frame -> !isConstructor(frame)).limit(DEPTH).toList();
    boolean virtual = inside.stream().anyMatch(Creation::isVirtual);
    int from = 0;
    while (from < inside.size() && isThreadMaking(inside.get(from))) {
      from++;
    }
    boolean holdfast =
        from < inside.size()
            && inside.get(from).getClassName().equals("dev.holdfast.internal.scope.ScopeThreads");
    return new Creation(
        window,
        virtual && !holdfast,
        inside.subList(from, inside.size()).stream()
            .takeWhile(frame -> !frame.getClassName().startsWith("org.junit."))
            .map(StackFrame::toStackTraceElement)
            .toList());
  }

  private static boolean isConstructor(StackFrame frame) {
    return frame.getMethodName().equals("<init>")
        && frame.getClassName().equals("java.lang.Thread");
  }

  private static boolean isVirtual(StackFrame frame) {
    return frame.getMethodName().equals("<init>")
        && frame.getClassName().equals("java.lang.VirtualThread");
  }

  private static boolean isThreadMaking(StackFrame frame) {
    String type = frame.getClassName();
    return type.equals("java.lang.Thread")
        || type.startsWith("java.lang.ThreadBuilders")
        || (type.startsWith("java.lang.") && type.endsWith("VirtualThread"));
  }
}
