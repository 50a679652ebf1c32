import org.jspecify.annotations.NullMarked;

/**
 * Structured concurrency: threads, timers and resources that cannot outlive the scope in which they
 * were started.
 *
 * <p>Begin with the package {@link dev.holdfast} and its class {@link dev.holdfast.Scopes}.
 */
// No "provides" for the JUnit extension: JDK 21 does not start when an optional module is missing
// whose service is provided. Auto-detection reads META-INF/services, which is for the class path.
@NullMarked
module dev.holdfast {
  requires jdk.jfr;
  requires static org.jspecify;
  requires static context.propagation;
  requires static kotlin.stdlib;
  requires static micrometer.core;
  requires static org.apache.groovy;
  requires static java.management;
  requires static jdk.attach;
  requires static jdk.httpserver;
  requires static jdk.management;
  requires static org.junit.jupiter.api;
  requires static org.junit.platform.launcher;

  exports dev.holdfast;
  exports dev.holdfast.channel;
  exports dev.holdfast.diagnostics;
  exports dev.holdfast.groovy to
      org.apache.groovy;
  exports dev.holdfast.http;
  exports dev.holdfast.inspect;
  exports dev.holdfast.junit;
  exports dev.holdfast.simulation;
}
