package dev.holdfast.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A test with a {@link ThreadFactory} parameter that runs on virtual and on platform threads. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest
@MethodSource("dev.holdfast.testing.EachThreadKind$Kinds#all")
public @interface EachThreadKind {

  /** The factories. */
  final class Kinds {

    private Kinds() {}

    public static Stream<Named<ThreadFactory>> all() {
      return Stream.of(
          Named.of("virtual", Thread.ofVirtual().factory()),
          Named.of("platform", Thread.ofPlatform().daemon().factory()));
    }
  }
}
