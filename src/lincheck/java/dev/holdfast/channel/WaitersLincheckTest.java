package dev.holdfast.channel;

import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Operations that do not wait meet waiting ones. Waits that time out are left out: no sequential
 * order of two such operations shows that they have met.
 */
public class WaitersLincheckTest extends Subject {

  @Operation
  public String trySend(@Param(name = "element") int element) throws Exception {
    return sends(element);
  }

  @Operation
  public String tryReceive() throws Exception {
    return receives();
  }

  @Operation
  public String sendLater(@Param(name = "element") int element) throws Exception {
    return queuesSend(element);
  }

  @Operation
  public String receiveLater() throws Exception {
    return queuesReceive();
  }

  @Operation
  public String drain(@Param(name = "max") int max) throws Exception {
    return drains(max);
  }

  @Operation
  public String close() throws Exception {
    return closes();
  }

  @ParameterizedTest
  @MethodSource("dev.holdfast.channel.Setting#blocking")
  void under_model_checking(Setting setting) {
    modelCheck(WaitersLincheckTest.class, setting);
  }

  @ParameterizedTest
  @MethodSource("dev.holdfast.channel.Setting#blocking")
  void under_stress(Setting setting) {
    stress(WaitersLincheckTest.class, setting);
  }
}
