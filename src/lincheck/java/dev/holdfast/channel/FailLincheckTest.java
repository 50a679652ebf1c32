package dev.holdfast.channel;

import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A failure races with other operations. */
public class FailLincheckTest extends Subject {

  @Operation
  public String trySend(@Param(name = "element") int element) throws Exception {
    return sends(element);
  }

  @Operation
  public String tryReceive() throws Exception {
    return receives();
  }

  @Operation
  public String drain(@Param(name = "max") int max) throws Exception {
    return drains(max);
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
