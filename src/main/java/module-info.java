import org.jspecify.annotations.NullMarked;

/**
 * Structured concurrency: threads, timers and resources that cannot outlive the scope they were
 * started in.
 *
 * <p>{@link dev.holdfast.Scopes} is the front door.
 */
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

  provides org.junit.jupiter.api.extension.Extension with
      dev.holdfast.junit.LeakFreeExtension;
}
