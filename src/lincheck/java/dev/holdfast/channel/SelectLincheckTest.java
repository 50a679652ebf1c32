package dev.holdfast.channel;

import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Selects over one channel. */
public class SelectLincheckTest extends Subject {

  @Operation
  public String selectSend(@Param(name = "element") int element) throws Exception {
    return selectsSend(element);
  }

  @Operation
  public String selectReceive() throws Exception {
    return selectsReceive();
  }

  @Operation
  public String trySend(@Param(name = "element") int element) throws Exception {
    return sends(element);
  }

  @Operation
  public String tryReceive() throws Exception {
    return receives();
  }

  @Operation
  public String close() throws Exception {
    return closes();
  }

  @ParameterizedTest
  @MethodSource("dev.holdfast.channel.Setting#some")
  void under_model_checking(Setting setting) {
    modelCheck(SelectLincheckTest.class, setting);
  }

  @ParameterizedTest
  @MethodSource("dev.holdfast.channel.Setting#some")
  void under_stress(Setting setting) {
    stress(SelectLincheckTest.class, setting);
  }
}
