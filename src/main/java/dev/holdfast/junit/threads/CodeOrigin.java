package dev.holdfast.junit.threads;

import dev.holdfast.internal.util.LibraryFrames;
import java.net.URL;
import java.security.CodeSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** Distinguishes code of the application and its tests from code of the libraries it uses. */
public final class CodeOrigin {

  private static final Pattern JDK = Pattern.compile("(java|javax|jdk|sun|com\\.sun)\\..*");

  /** Libraries, including those that are directories or share a jar with the application. */
  private static final Pattern LIBRARY =
      Pattern.compile(
          "(org\\.(springframework|apache|junit|mockito|eclipse|hibernate|postgresql|h2|hsqldb"
              + "|testcontainers|slf4j|jboss|wiremock|mongodb|jooq|redisson|quartz|awaitility"
              + "|reactivestreams|opentest4j)"
              + "|io\\.(netty|projectreactor|micrometer|undertow|lettuce|grpc|reactivex|r2dbc"
              + "|opentelemetry|vertx|ktor|smallrye|quarkus|micronaut)"
              + "|com\\.(zaxxer|mysql|google|fasterxml|github\\.(dockerjava|tomakehurst|benmanes)"
              + "|rabbitmq|mongodb|datastax|hazelcast|microsoft|oracle)"
              + "|software\\.amazon|reactor|okhttp3|okio|mockwebserver3|retrofit2|redis|rx|kotlin"
              + "|kotlinx|scala|groovy|net\\.bytebuddy|net\\.jqwik|ch\\.qos|tools\\.jackson"
              + "|jakarta|oracle)\\..*");

  /** Where build tools keep the jars of libraries. */
  private static final List<String> REPOSITORIES =
      List.of("/.m2/", "/repository/", "/.gradle/", "/caches/", "/.ivy2/", "/coursier/");

  private static final Set<String> TESTS = ConcurrentHashMap.newKeySet();

  private static final ClassValue<Boolean> KNOWN =
      new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
          CodeSource source = type.getProtectionDomain().getCodeSource();
          URL location = source == null ? null : source.getLocation();
          return location != null
              && (!location.getPath().endsWith(".jar")
                  || REPOSITORIES.stream().noneMatch(location.toString()::contains));
        }
      };

  private CodeOrigin() {}

  /** {@return whether a class belongs to the application, its tests or their helpers} */
  static boolean isApplication(Class<?> type) {
    return mayBeApplication(type.getName()) && KNOWN.get(type);
  }

  /** {@return whether a frame belongs to the application} */
  public static boolean isApplication(StackTraceElement frame) {
    String name = frame.getClassName();
    if (!mayBeApplication(name)) {
      return false;
    }
    try {
      ClassLoader loader = Thread.currentThread().getContextClassLoader();
      return KNOWN.get(Class.forName(name, false, loader));
    } catch (ClassNotFoundException | LinkageError e) {
      return true; // of another loader, or generated: no sign of a library
    }
  }

  /**
   * {@return whether an application frame is test code, which the location of its class file shows}
   */
  public static boolean isTest(StackTraceElement frame) {
    try {
      ClassLoader loader = Thread.currentThread().getContextClassLoader();
      Class<?> type = Class.forName(frame.getClassName(), false, loader);
      CodeSource source = type.getProtectionDomain().getCodeSource();
      return source == null || TESTS.contains(String.valueOf(source.getLocation()));
    } catch (ClassNotFoundException | LinkageError e) {
      return true;
    }
  }

  /** Records the location of a test class: other classes in that location belong to tests too. */
  static void addTest(Class<?> test) {
    CodeSource source = test.getProtectionDomain().getCodeSource();
    if (source != null && source.getLocation() != null) {
      TESTS.add(source.getLocation().toString());
    }
  }

  /** {@return whether a frame belongs to the JDK} */
  public static boolean isJdk(StackTraceElement frame) {
    return JDK.matcher(frame.getClassName()).matches();
  }

  private static boolean mayBeApplication(String name) {
    return !JDK.matcher(name).matches()
        && !LIBRARY.matcher(name).matches()
        && !LibraryFrames.isLibrary(name);
  }
}
