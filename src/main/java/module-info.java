import org.jspecify.annotations.NullMarked;

/**
 * Structured concurrency: threads, timers and resources that cannot outlive the scope they were
 * started in.
 *
 * <p>{@link dev.holdfast.Scopes} is the front door.
 */
// No "provides" for the JUnit extension: JDK 21 does not start when an optional module is missing
// whose service is provided. Auto-detection reads META-INF/services, which is for the class path.
@NullMarked
module dev.holdfast {
  requires jdk.jfr;
  requires static org.jspecify;
  requires static context.propagation;
  requires static micrometer.core;
  requires static java.management;
  requires static jdk.httpserver;
  requires static jdk.management;
  requires static org.junit.jupiter.api;

  exports dev.holdfast;
  exports dev.holdfast.channel;
  exports dev.holdfast.diagnostics;
  exports dev.holdfast.http;
  exports dev.holdfast.inspect;
  exports dev.holdfast.junit;
}
