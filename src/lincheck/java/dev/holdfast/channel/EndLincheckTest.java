package dev.holdfast.channel;

import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The ends of a channel race with each other and with other operations. */
public class EndLincheckTest extends Subject {

  @Operation
  public String trySend(@Param(name = "element") int element) throws Exception {
    return sends(element);
  }

  @Operation
  public String tryReceive() throws Exception {
    return receives();
  }

  @Operation
  public String cancel() throws Exception {
    return cancels();
  }

  @Operation
  public String closeWithCause() throws Exception {
    return closesWithCause();
  }

  @Operation
  public String close() throws Exception {
    return closes();
  }

  @Operation
  public boolean isEnded() {
    return isOver();
  }

  @ParameterizedTest
  @MethodSource("dev.holdfast.channel.Setting#full")
  void under_model_checking(Setting setting) {
    modelCheck(EndLincheckTest.class, setting);
  }

  @ParameterizedTest
  @MethodSource("dev.holdfast.channel.Setting#full")
  void under_stress(Setting setting) {
    stress(EndLincheckTest.class, setting);
  }
}
