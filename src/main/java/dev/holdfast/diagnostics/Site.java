package dev.holdfast.diagnostics;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a thread is: what it does, by which call of the JDK or of Holdfast, and from where.
 *
 * @param activity what it does
 * @param operation the method that application code has called, or empty if it is in its own code
 * @param place the innermost frame of application code, or else the name of the thread
 * @param frames the frames of application code, innermost first
 */
record Site(Activity activity, String operation, String place, List<String> frames) {

  /** What is known of a frame; a dump has few frames, each many times. */
  private record Known(
      StackTraceElement frame,
      String name,
      boolean application,
      boolean blocked,
      @Nullable Activity activity) {}

  /** Sites of the threads of one dump. */
  static final class Finder implements Function<DumpedThread, Site> {

    private final IdentityHashMap<StackTraceElement, Known> known = new IdentityHashMap<>();

    private Known known(StackTraceElement frame) {
      return known.computeIfAbsent(
          frame,
          f -> {
            boolean application = Origin.isApplication(f);
            return new Known(
                f,
                application ? Origin.name(f) : Origin.shortName(f),
                application,
                Rules.isBlocked(f),
                application ? null : Rules.activity(f));
          });
    }

    @Override
    public Site apply(DumpedThread thread) {
      List<Known> stack = thread.stack().stream().map(this::known).toList();
      int boundary = 0;
      while (boundary < stack.size() && !stack.get(boundary).application) {
        boundary++;
      }
      List<String> frames = stack.stream().filter(Known::application).map(Known::name).toList();
      List<Known> below = stack.subList(0, boundary);
      Known decisive = decisive(below);
      Activity activity = activity(thread, below, decisive);
      String operation = "";
      if (thread.blockedOn() != null) {
        operation = "the monitor of " + type(thread.blockedOn());
      } else if (!frames.isEmpty() && !below.isEmpty()) {
        operation = below.getLast().name;
      } else if (!below.isEmpty()) {
        operation = Objects.requireNonNullElse(decisive, below.getFirst()).name;
      }
      String place = frames.isEmpty() ? Origin.place(thread.name()) : frames.getFirst();
      return new Site(activity, operation, place, frames);
    }

    /** The outermost call of the JDK or of Holdfast that is known to block says what for. */
    private static @Nullable Known decisive(List<Known> below) {
      for (Known frame : below.reversed()) {
        if (frame.activity != null) {
          return frame;
        }
      }
      return null;
    }

    private static Activity activity(
        DumpedThread thread, List<Known> below, @Nullable Known decisive) {
      if (thread.blockedOn() != null || thread.state() == Thread.State.BLOCKED) {
        return Activity.MONITOR;
      }
      Known top = below.isEmpty() ? null : below.getFirst();
      Thread.State state = thread.state();
      boolean runs = state == null ? top == null || !top.blocked : state == Thread.State.RUNNABLE;
      if (runs) { // or is in a system call, which the JVM does not tell apart
        return top != null && top.activity == Activity.IO ? Activity.IO : Activity.RUNNING;
      }
      if (decisive != null && decisive.activity != null) {
        return decisive.activity;
      }
      return thread.waitingOn() != null ? Activity.MONITOR : Activity.PARK;
    }

    private static final Pattern HASH = Pattern.compile("@[0-9a-f]+$");

    private static String type(String object) {
      return HASH.matcher(object).replaceFirst("");
    }
  }
}
