package dev.holdfast.channel;

import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Operations that do not wait. */
public class TryLincheckTest extends Subject {

  @Operation
  public String trySend(@Param(name = "element") int element) throws Exception {
    return sends(element);
  }

  @Operation
  public String send(@Param(name = "element") int element) throws Exception {
    return sendsWithoutTime(element);
  }

  @Operation
  public String tryReceive() throws Exception {
    return receives();
  }

  @Operation
  public String receive() throws Exception {
    return receivesWithoutTime();
  }

  @Operation
  public String drain(@Param(name = "max") int max) throws Exception {
    return drains(max);
  }

  @Operation
  public String close() throws Exception {
    return closes();
  }

  @Operation
  public boolean isClosed() {
    return hasEnded();
  }

  @Operation
  public String stats() {
    return figures();
  }

  @ParameterizedTest
  @MethodSource("dev.holdfast.channel.Setting#all")
  void under_model_checking(Setting setting) {
    modelCheck(TryLincheckTest.class, setting);
  }

  @ParameterizedTest
  @MethodSource("dev.holdfast.channel.Setting#some")
  void under_stress(Setting setting) {
    stress(TryLincheckTest.class, setting);
  }
}
