package dev.holdfast.channel;

import org.jetbrains.lincheck.datastructures.BooleanGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/** In-order selects over two channels, whose first clause may be switched off. */
@Param(name = "on", gen = BooleanGen.class)
public class ConditionLincheckTest extends TwoChannels {

  private final Select<String> both = oneIf(true);
  private final Select<String> onlyTwo = oneIf(false);

  private Select<String> oneIf(boolean on) {
    return Select.first(
        one.<String>onReceive(element -> "one: " + element).when(() -> on),
        two.onReceive(element -> "two: " + element),
        Select.orElse(() -> "none"));
  }

  @Operation
  public String receive(@Param(name = "on") boolean on) throws InterruptedException {
    return (on ? both : onlyTwo).await();
  }

  /** The sequential specification of the operations. */
  public static class Queues extends TwoQueues {
    public String receive(boolean on) {
      return first(on);
    }
  }

  @Test
  void under_model_checking() {
    Runs.modelCheck(ConditionLincheckTest.class, Queues.class);
  }

  @Test
  void under_stress() {
    Runs.stress(ConditionLincheckTest.class, Queues.class);
  }
}
