package dev.holdfast.diagnostics.census;

import dev.holdfast.diagnostics.Activity;
import dev.holdfast.diagnostics.DumpedThread;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Summarizes the threads of one dump by their stacks and states. Not thread-safe. */
public final class ThreadSummarizer {

  private static final Pattern HASH = Pattern.compile("@[0-9a-f]+$");

  /** What is known of a frame. */
  private record KnownFrame(
      String name, boolean application, boolean blocked, @Nullable Activity activity) {}

  /** A dump has few distinct frames, each of them many times. */
  private final IdentityHashMap<StackTraceElement, KnownFrame> known = new IdentityHashMap<>();

  /** {@return what a thread does and where} */
  public ThreadSummary summarize(DumpedThread thread) {
    List<KnownFrame> stack = thread.stack().stream().map(this::known).toList();
    int boundary = 0;
    while (boundary < stack.size() && !stack.get(boundary).application) {
      boundary++;
    }
    List<KnownFrame> called = stack.subList(0, boundary);
    List<String> frames =
        stack.stream().filter(KnownFrame::application).map(KnownFrame::name).toList();
    KnownFrame blocking = outermostBlocking(called);
    return new ThreadSummary(
        activity(thread, called, blocking),
        operation(thread, called, blocking, frames.isEmpty()),
        frames.isEmpty() ? FrameNames.place(thread.name()) : frames.getFirst(),
        frames);
  }

  private KnownFrame known(StackTraceElement frame) {
    return known.computeIfAbsent(frame, ThreadSummarizer::describe);
  }

  private static KnownFrame describe(StackTraceElement frame) {
    boolean application = FrameNames.isApplication(frame);
    return new KnownFrame(
        application ? FrameNames.name(frame) : FrameNames.shortName(frame),
        application,
        BlockingMethods.isBlocked(frame),
        application ? null : BlockingMethods.activity(frame));
  }

  /** {@return the outermost call of a blocking method: it says what the application waits for} */
  private static @Nullable KnownFrame outermostBlocking(List<KnownFrame> called) {
    for (KnownFrame frame : called.reversed()) {
      if (frame.activity != null) {
        return frame;
      }
    }
    return null;
  }

  private static String operation(
      DumpedThread thread,
      List<KnownFrame> called,
      @Nullable KnownFrame blocking,
      boolean noApplicationFrames) {
    if (thread.blockedOn() != null) {
      return "the monitor of " + HASH.matcher(thread.blockedOn()).replaceFirst("");
    }
    if (called.isEmpty()) {
      return "";
    }
    return noApplicationFrames
        ? Objects.requireNonNullElse(blocking, called.getFirst()).name
        : called.getLast().name;
  }

  private static Activity activity(
      DumpedThread thread, List<KnownFrame> called, @Nullable KnownFrame blocking) {
    Thread.State state = thread.state();
    if (thread.blockedOn() != null || state == Thread.State.BLOCKED) {
      return Activity.MONITOR;
    }
    KnownFrame top = called.isEmpty() ? null : called.getFirst();
    boolean runs = state == null ? top == null || !top.blocked : state == Thread.State.RUNNABLE;
    if (runs) { // or is in a system call: the JVM shows both as runnable
      return top != null && top.activity == Activity.IO ? Activity.IO : Activity.RUNNING;
    }
    if (blocking != null && blocking.activity != null) {
      return blocking.activity;
    }
    return thread.waitingOn() != null ? Activity.MONITOR : Activity.PARK;
  }
}
