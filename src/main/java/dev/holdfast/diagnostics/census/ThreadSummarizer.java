package dev.holdfast.diagnostics.census;

import dev.holdfast.diagnostics.Activity;
import dev.holdfast.diagnostics.DumpedThread;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Summarizes the threads of one dump by their stacks and states. Not thread-safe. */
public final class ThreadSummarizer {

  private static final Pattern HASH = Pattern.compile("@[0-9a-f]+$");

  /** The properties of a frame. */
  private record KnownFrame(
      String name, boolean application, boolean blocked, @Nullable Activity activity) {}

  /** The properties of a stack, and the summaries of the threads that have it, by their state. */
  private record KnownStack(
      List<KnownFrame> called,
      @Nullable KnownFrame blocking,
      List<String> frames,
      Map<Object, ThreadSummary> summaries) {}

  private static final Object NO_STATE = new Object();

  // A dump has few distinct frames and stacks, each of them many times.
  private final IdentityHashMap<StackTraceElement, KnownFrame> frames = new IdentityHashMap<>();
  private final IdentityHashMap<List<StackTraceElement>, KnownStack> stacks =
      new IdentityHashMap<>();

  /** {@return what a thread does and where} */
  public ThreadSummary summarize(DumpedThread thread) {
    KnownStack stack = stacks.computeIfAbsent(thread.stack(), this::known);
    boolean byStackAndState =
        thread.blockedOn() == null && thread.waitingOn() == null && !stack.frames.isEmpty();
    if (!byStackAndState) {
      return summarize(thread, stack);
    }
    Object state = Objects.requireNonNullElse(thread.state(), NO_STATE);
    return stack.summaries.computeIfAbsent(state, s -> summarize(thread, stack));
  }

  private KnownStack known(List<StackTraceElement> frames) {
    List<KnownFrame> stack = frames.stream().map(this::known).toList();
    int boundary = 0;
    while (boundary < stack.size() && !stack.get(boundary).application) {
      boundary++;
    }
    List<KnownFrame> called = stack.subList(0, boundary);
    return new KnownStack(
        called,
        outermostBlocking(called),
        stack.stream().filter(KnownFrame::application).map(KnownFrame::name).toList(),
        new HashMap<>());
  }

  private static ThreadSummary summarize(DumpedThread thread, KnownStack stack) {
    List<String> frames = stack.frames;
    return new ThreadSummary(
        activity(thread, stack.called, stack.blocking),
        operation(thread, stack.called, stack.blocking, frames.isEmpty()),
        frames.isEmpty() ? FrameNames.place(thread.name()) : frames.getFirst(),
        frames);
  }

  private KnownFrame known(StackTraceElement frame) {
    return frames.computeIfAbsent(frame, ThreadSummarizer::describe);
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
    if (HeldCarriers.isNotStarted(thread)) {
      return Activity.NOT_STARTED;
    }
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
