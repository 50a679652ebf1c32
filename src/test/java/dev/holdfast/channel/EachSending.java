package dev.holdfast.channel;

import dev.holdfast.testing.EachThreadKind;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A test with a {@link Sending} and a {@link ThreadFactory}, for each of both. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest
@MethodSource("dev.holdfast.channel.EachSending$Pairs#all")
@interface EachSending {

  /** The arguments. */
  final class Pairs {

    private Pairs() {}

    static Stream<Arguments> all() {
      return EachThreadKind.Kinds.all()
          .flatMap(kind -> Arrays.stream(Sending.values()).map(by -> Arguments.of(by, kind)));
    }
  }
}
