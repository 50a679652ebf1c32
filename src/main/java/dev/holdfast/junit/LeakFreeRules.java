package dev.holdfast.junit;

import dev.holdfast.junit.leaks.BaseFixtures;
import dev.holdfast.junit.leaks.HttpClientThreads;
import dev.holdfast.junit.leaks.LeakRules;
import dev.holdfast.junit.leaks.StaticServers;
import java.lang.reflect.AnnotatedElement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Merges the annotations of a test, its class, and the superclasses and enclosing classes of that
 * class.
 */
final class LeakFreeRules {

  private static final long MAX_LINGER = 600_000;
  private static final Pattern METHOD =
      Pattern.compile("[\\p{javaJavaIdentifierPart}.]+\\.[^.:()]+");
  private static final Pattern FILE = Pattern.compile(".*\\.(java|kt|groovy|scala)");

  private LeakFreeRules() {}

  /** {@return the rules for a test or a class} */
  static LeakRules of(ExtensionContext context) {
    var found = new ArrayList<LeakFree>(); // the nearest first
    context.getTestMethod().ifPresent(method -> add(method, true, found));
    for (Class<?> outer = context.getRequiredTestClass();
        outer != null;
        outer = outer.getEnclosingClass()) {
      for (Class<?> type = outer; type != null; type = type.getSuperclass()) {
        add(type, false, found);
      }
    }
    Class<?> test = context.getRequiredTestClass();
    boolean whole = context.getTestMethod().isEmpty();
    return merged(
        found,
        (name, createdFrom) ->
            createdFrom.isEmpty()
                ? isOfOthers(name, test, whole)
                : whole && BaseFixtures.started(test, createdFrom));
  }

  /**
   * {@return whether the name of a thread that inherits no test shows that it belongs to other
   * code}
   */
  private static boolean isOfOthers(String thread, Class<?> test, boolean whole) {
    return (whole && StaticServers.has(test, thread))
        || (HttpClientThreads.isOne(thread)
            && ((whole && usesSpring(test)) || HttpClientThreads.areOfOthers(test)));
  }

  /** {@return whether the class has a context of Spring, which may have clients of its own} */
  private static boolean usesSpring(Class<?> test) {
    return AnnotationSupport.findRepeatableAnnotations(test, ExtendWith.class).stream()
        .flatMap(extend -> Stream.of(extend.value()))
        .anyMatch(extension -> extension.getName().startsWith("org.springframework.test."));
  }

  private static void add(AnnotatedElement on, boolean method, List<LeakFree> to) {
    AnnotationSupport.findAnnotation(on, LeakFree.class)
        .ifPresent(rule -> {
          validate(rule, on, method);
          to.add(rule);
        });
  }

  private static LeakRules merged(
      List<LeakFree> found, BiPredicate<String, List<StackTraceElement>> others) {
    long linger = LeakRules.DEFAULT.linger().toMillis();
    var per = LeakFree.Per.TEST;
    boolean failOnStall = LeakRules.DEFAULT.failOnStall();
    boolean presets = LeakRules.DEFAULT.presets();
    var threads = new LinkedHashSet<String>();
    var top = new LinkedHashSet<String>();
    var any = new LinkedHashSet<String>();
    var creator = new LinkedHashSet<String>();
    for (LeakFree rule : found.reversed()) {
      linger = rule.linger() < 0 ? linger : rule.linger();
      per = rule.per() == LeakFree.Per.INHERITED ? per : rule.per();
      failOnStall &= rule.failOnStall();
      presets &= rule.presets();
      threads.addAll(List.of(rule.ignoreThreads()));
      top.addAll(List.of(rule.ignoreTop()));
      any.addAll(List.of(rule.ignoreAny()));
      creator.addAll(List.of(rule.ignoreCreator()));
    }
    return new LeakRules(
        found.isEmpty() || found.getFirst().value(),
        Duration.ofMillis(linger),
        per == LeakFree.Per.CLASS,
        failOnStall,
        presets,
        others,
        threads,
        top,
        any,
        creator);
  }

  private static void validate(LeakFree rule, AnnotatedElement on, boolean method) {
    if (rule.linger() < -1 || rule.linger() > MAX_LINGER) {
      throw invalid(
          on,
          "linger is " + rule.linger() + "; it must be from 0 to " + MAX_LINGER + " milliseconds");
    }
    if (method && rule.per() == LeakFree.Per.CLASS) {
      throw invalid(
          on,
          "per = CLASS does not apply to a method: it makes the check cover a whole class."
              + " Put it on the class");
    }
    for (String prefix : rule.ignoreThreads()) {
      if (prefix.isBlank()) {
        throw invalid(
            on,
            "ignoreThreads has a blank prefix, which would ignore every thread. To check nothing,"
                + " use @LeakFree(false)");
      }
    }
    for (String[] methods : List.of(rule.ignoreTop(), rule.ignoreAny(), rule.ignoreCreator())) {
      for (String name : methods) {
        if (!METHOD.matcher(name).matches() || FILE.matcher(name).matches()) {
          throw invalid(
              on,
              "'"
                  + name
                  + "' is not the name of a method. Write package.Class.method as in a stack trace,"
                  + " with $ before a nested class, without arguments, file and line");
        }
      }
    }
  }

  private static ExtensionConfigurationException invalid(AnnotatedElement on, String why) {
    return new ExtensionConfigurationException("@LeakFree on " + on + ": " + why + ".");
  }
}
