package dev.holdfast.junit.leaks;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;

/**
 * How a test is checked, and which threads are ignored.
 *
 * @param enabled whether the test is checked
 * @param linger how long the check waits for leaks to end by themselves
 * @param perClass whether one check covers the whole class
 * @param failOnStall whether a stall fails the test
 * @param presets whether threads of well-known libraries and shared fixtures are ignored
 * @param others whether a thread belongs to other code, by its name and the frames that created it
 * @param threads the prefixes of names of threads to ignore
 * @param top methods; a thread is ignored if one of them is its innermost frame, or its innermost
 *     frame outside the JDK
 * @param any methods; a thread is ignored if one of them is among its frames
 * @param creator methods; a thread is ignored if one of them created it
 */
public record LeakRules(
    boolean enabled,
    Duration linger,
    boolean perClass,
    boolean failOnStall,
    boolean presets,
    BiPredicate<String, List<StackTraceElement>> others,
    Set<String> threads,
    Set<String> top,
    Set<String> any,
    Set<String> creator) {

  /** The rules where no annotation says otherwise. */
  public static final LeakRules DEFAULT =
      new LeakRules(
          true,
          Duration.ofMillis(500),
          false,
          true,
          true,
          (name, createdFrom) -> false,
          Set.of(),
          Set.of(),
          Set.of(),
          Set.of());

  private static final Pattern JDK = Pattern.compile("(java|jdk|sun)\\.");

  /**
   * {@return whether a thread is ignored}
   *
   * @param name its name
   * @param stack its frames
   * @param createdFrom the frames that created it; empty if they are not known
   */
  boolean ignores(String name, List<StackTraceElement> stack, List<StackTraceElement> createdFrom) {
    return threads.stream().anyMatch(name::startsWith)
        || ignoresTop(stack)
        || stack.stream().anyMatch(frame -> isIn(any, frame))
        || createdFrom.stream().anyMatch(frame -> isIn(creator, frame));
  }

  private boolean ignoresTop(List<StackTraceElement> stack) {
    return !top.isEmpty()
        && !stack.isEmpty()
        && (isIn(top, stack.getFirst())
            || stack.stream()
                .filter(frame -> !JDK.matcher(frame.getClassName()).lookingAt())
                .findFirst()
                .filter(frame -> isIn(top, frame))
                .isPresent());
  }

  /** {@return the same rules with another time for leaks to end} */
  public LeakRules lingering(Duration time) {
    return new LeakRules(
        enabled, time, perClass, failOnStall, presets, others, threads, top, any, creator);
  }

  /** {@return whether a frame matches one of the methods, or one of the prefixes that end in .*} */
  private static boolean isIn(Set<String> methods, StackTraceElement frame) {
    String method = frame.getClassName() + "." + frame.getMethodName();
    return methods.contains(method)
        || methods.stream()
            .anyMatch(rule ->
                rule.endsWith(".*") && method.startsWith(rule.substring(0, rule.length() - 1)));
  }
}
