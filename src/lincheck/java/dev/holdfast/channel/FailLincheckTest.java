package dev.holdfast.channel;

import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A failure, and those who send. Nobody receives: until {@link Channel#fail} returns, what is in
 * the channel may still be received, even by who has heard of the failure.
 */
public class FailLincheckTest extends Subject {

  @Operation
  public String trySend(@Param(name = "element") int element) throws Exception {
    return sends(element);
  }

  @Operation
  public String fail() throws Exception {
    return fails();
  }

  @Operation
  public boolean isClosed() {
    return hasEnded();
  }

  @ParameterizedTest
  @MethodSource("dev.holdfast.channel.Setting#full")
  void under_model_checking(Setting setting) {
    modelCheck(FailLincheckTest.class, setting);
  }

  @ParameterizedTest
  @MethodSource("dev.holdfast.channel.Setting#full")
  void under_stress(Setting setting) {
    stress(FailLincheckTest.class, setting);
  }
}
