package dev.holdfast.junit;

import java.lang.reflect.AnnotatedElement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** What the annotations of a test, its class, and the classes above and around say together. */
record Rules(
    boolean on,
    Duration linger,
    boolean perClass,
    boolean failOnStall,
    Set<String> threads,
    Set<String> top,
    Set<String> any,
    Set<String> creator) {

  private static final long MAX_LINGER = 600_000;
  private static final Pattern METHOD =
      Pattern.compile("[\\p{javaJavaIdentifierPart}.]+\\.[^.:()]+");
  private static final Pattern JDK = Pattern.compile("(java|jdk|sun)\\.");
  private static final Pattern FILE = Pattern.compile(".*\\.(java|kt|groovy|scala)");

  /** The frames of a thread, and those it was created from. */
  boolean ignore(String name, List<StackTraceElement> stack, List<StackTraceElement> created) {
    return threads.stream().anyMatch(name::startsWith)
        || isTop(stack)
        || stack.stream().anyMatch(frame -> any.contains(method(frame)))
        || created.stream().anyMatch(frame -> creator.contains(method(frame)));
  }

  private boolean isTop(List<StackTraceElement> stack) {
    return !top.isEmpty()
        && !stack.isEmpty()
        && (top.contains(method(stack.getFirst()))
            || stack.stream()
                .filter(frame -> !JDK.matcher(frame.getClassName()).lookingAt())
                .findFirst()
                .filter(frame -> top.contains(method(frame)))
                .isPresent());
  }

  private static String method(StackTraceElement frame) {
    return frame.getClassName() + "." + frame.getMethodName();
  }

  /** {@return what holds for a test or a class} */
  static Rules of(ExtensionContext context) {
    var found = new ArrayList<LeakFree>(); // from near to far
    context.getTestMethod().ifPresent(method -> add(method, true, found));
    for (Class<?> outer = context.getRequiredTestClass();
        outer != null;
        outer = outer.getEnclosingClass()) {
      for (Class<?> type = outer; type != null; type = type.getSuperclass()) {
        add(type, false, found);
      }
    }
    return merged(found);
  }

  private static void add(AnnotatedElement on, boolean method, List<LeakFree> to) {
    AnnotationSupport.findAnnotation(on, LeakFree.class)
        .ifPresent(rule -> {
          validate(rule, on, method);
          to.add(rule);
        });
  }

  private static Rules merged(List<LeakFree> found) {
    @Nullable LeakFree nearest = found.isEmpty() ? null : found.getFirst();
    long linger = 500;
    var per = LeakFree.Per.TEST;
    boolean stalls = true;
    var threads = new LinkedHashSet<String>();
    var top = new LinkedHashSet<String>();
    var any = new LinkedHashSet<String>();
    var creator = new LinkedHashSet<String>();
    for (LeakFree rule : found.reversed()) {
      linger = rule.linger() < 0 ? linger : rule.linger();
      per = rule.per() == LeakFree.Per.INHERITED ? per : rule.per();
      stalls &= rule.failOnStall();
      threads.addAll(List.of(rule.ignoreThreads()));
      top.addAll(List.of(rule.ignoreTop()));
      any.addAll(List.of(rule.ignoreAny()));
      creator.addAll(List.of(rule.ignoreCreator()));
    }
    return new Rules(
        nearest == null || nearest.value(),
        Duration.ofMillis(linger),
        per == LeakFree.Per.CLASS,
        stalls,
        threads,
        top,
        any,
        creator);
  }

  private static void validate(LeakFree rule, AnnotatedElement on, boolean method) {
    if (rule.linger() < -1 || rule.linger() > MAX_LINGER) {
      throw refused(
          on,
          "linger is "
              + rule.linger()
              + "; it is a number of milliseconds from 0 to "
              + MAX_LINGER);
    }
    if (method && rule.per() == LeakFree.Per.CLASS) {
      throw refused(
          on,
          "per = CLASS on a method says nothing: the class is checked as a whole or not. Put it on"
              + " the class");
    }
    for (String prefix : rule.ignoreThreads()) {
      if (prefix.isBlank()) {
        throw refused(
            on,
            "ignoreThreads has a blank beginning, which would ignore every thread. To check"
                + " nothing, use @LeakFree(false)");
      }
    }
    for (String[] methods : List.of(rule.ignoreTop(), rule.ignoreAny(), rule.ignoreCreator())) {
      for (String name : methods) {
        if (!METHOD.matcher(name).matches() || FILE.matcher(name).matches()) {
          throw refused(
              on,
              "'"
                  + name
                  + "' names no method. Write package.Class.method, as stacks do, with $ before a"
                  + " nested class and without arguments, file and line");
        }
      }
    }
  }

  private static ExtensionConfigurationException refused(AnnotatedElement on, String why) {
    return new ExtensionConfigurationException("@LeakFree on " + on + ": " + why + ".");
  }
}
