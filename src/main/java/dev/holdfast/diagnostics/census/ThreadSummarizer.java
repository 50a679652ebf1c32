package dev.holdfast.diagnostics.census;

import dev.holdfast.diagnostics.Activity;
import dev.holdfast.diagnostics.DumpedThread;
import dev.holdfast.internal.util.Printable;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Summarizes the threads of one dump by their stacks and states. Not thread-safe. */
public final class ThreadSummarizer {

  private static final Pattern HASH = Pattern.compile("@[0-9a-f]+$");

  /** The properties of a frame; {@code own} frames are those of the application. */
  private record KnownFrame(
      String name,
      String shortName,
      boolean foreign,
      boolean own,
      boolean blocked,
      @Nullable Activity activity) {}

  /** The properties of a stack, and the summaries of the threads that have it, by their state. */
  private record KnownStack(
      @Nullable KnownFrame first,
      List<KnownFrame> called,
      @Nullable KnownFrame blocking,
      @Nullable KnownFrame operation,
      @Nullable KnownFrame place,
      List<String> frames,
      Map<Object, ThreadSummary> summaries) {}

  private static final Object NO_STATE = new Object();

  // A dump has few distinct frames and stacks, but many copies of each.
  private final IdentityHashMap<StackTraceElement, KnownFrame> frames = new IdentityHashMap<>();
  private final IdentityHashMap<List<StackTraceElement>, KnownStack> stacks =
      new IdentityHashMap<>();
  private final OwnCode own;

  public ThreadSummarizer() {
    this(OwnCode.guessed());
  }

  public ThreadSummarizer(OwnCode own) {
    this.own = own;
  }

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
    int called = first(stack, KnownFrame::foreign);
    int own = first(stack, KnownFrame::own);
    int place = own < stack.size() ? own : called;
    KnownFrame blocking = outermostBlocking(stack.subList(0, called));
    KnownFrame first = stack.isEmpty() ? null : stack.getFirst();
    KnownFrame operation =
        place == stack.size()
            ? (blocking == null ? first : blocking)
            : place == 0 ? null : stack.get(place - 1);
    return new KnownStack(
        first,
        stack.subList(0, called),
        blocking,
        operation,
        place == stack.size() ? null : stack.get(place),
        stack.stream().filter(KnownFrame::foreign).map(KnownFrame::name).toList(),
        new HashMap<>());
  }

  private static int first(List<KnownFrame> stack, Predicate<KnownFrame> kind) {
    int first = 0;
    while (first < stack.size() && !kind.test(stack.get(first))) {
      first++;
    }
    return first;
  }

  private static ThreadSummary summarize(DumpedThread thread, KnownStack stack) {
    return new ThreadSummary(
        activity(thread, stack),
        operation(thread, stack),
        stack.place == null ? FrameNames.place(thread.name()) : stack.place.name,
        stack.blocking == null ? "" : stack.blocking.shortName,
        stack.frames);
  }

  private KnownFrame known(StackTraceElement frame) {
    return frames.computeIfAbsent(frame, this::describe);
  }

  private KnownFrame describe(StackTraceElement frame) {
    boolean foreign = FrameNames.isApplication(frame);
    return new KnownFrame(
        FrameNames.name(frame),
        FrameNames.shortName(frame),
        foreign,
        foreign && own.contains(frame),
        BlockingMethods.isBlocked(frame),
        foreign ? BlockingMethods.foreignActivity(frame) : BlockingMethods.activity(frame));
  }

  /**
   * {@return the outermost call of a blocking method, which shows what the application waits for}
   */
  private static @Nullable KnownFrame outermostBlocking(List<KnownFrame> called) {
    for (KnownFrame frame : called.reversed()) {
      if (frame.activity != null) {
        return frame;
      }
    }
    return null;
  }

  private static String operation(DumpedThread thread, KnownStack stack) {
    if (thread.blockedOn() != null) {
      String type = HASH.matcher(thread.blockedOn()).replaceFirst("");
      return "the monitor of " + Printable.of(type); // a dump may contain any text
    }
    return stack.operation == null ? "" : stack.operation.shortName;
  }

  private static Activity activity(DumpedThread thread, KnownStack stack) {
    if (HeldCarriers.isNotStarted(thread)) {
      return Activity.NOT_STARTED;
    }
    Thread.State state = thread.state();
    if (thread.blockedOn() != null || state == Thread.State.BLOCKED) {
      return Activity.MONITOR;
    }
    KnownFrame top = stack.called.isEmpty() ? null : stack.called.getFirst();
    KnownFrame blocking = stack.blocking;
    boolean runs = state == null ? top == null || !top.blocked : state == Thread.State.RUNNABLE;
    if (runs) { // or is in a system call: the JVM shows both as runnable
      KnownFrame first = top == null ? stack.first : top;
      return first != null && first.activity == Activity.IO ? Activity.IO : Activity.RUNNING;
    }
    if (blocking != null && blocking.activity != null) {
      return blocking.activity;
    }
    return thread.waitingOn() != null ? Activity.MONITOR : Activity.PARK;
  }
}
