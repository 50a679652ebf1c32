package dev.holdfast.channel;

import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The ends of a channel race with operations that wait. */
public class EndOfWaitersLincheckTest extends Subject {

  @Operation
  public String sendLater(@Param(name = "element") int element) throws Exception {
    return queuesSend(element);
  }

  @Operation
  public String receiveLater() throws Exception {
    return queuesReceive();
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
  public boolean isEnded() {
    return isOver();
  }

  @ParameterizedTest
  @MethodSource("dev.holdfast.channel.Setting#full")
  void under_model_checking(Setting setting) {
    modelCheck(EndOfWaitersLincheckTest.class, setting);
  }

  @ParameterizedTest
  @MethodSource("dev.holdfast.channel.Setting#full")
  void under_stress(Setting setting) {
    stress(EndOfWaitersLincheckTest.class, setting);
  }
}
