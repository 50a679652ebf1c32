package dev.holdfast.channel;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jetbrains.lincheck.datastructures.BooleanGen;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/** In-order selects over two channels, whose first clause may be switched off. */
@Param(name = "element", gen = IntGen.class, conf = "1:3")
@Param(name = "on", gen = BooleanGen.class)
public class ConditionLincheckTest {

  private final Channel<Integer> one = Channel.open(end -> {}, ChannelSpec.of(1));
  private final Channel<Integer> two = Channel.open(end -> {}, ChannelSpec.of(2));
  private final Select<String> both = oneIf(true);
  private final Select<String> onlyTwo = oneIf(false);

  private Select<String> oneIf(boolean on) {
    return Select.first(
        one.<String>onReceive(element -> "one: " + element).when(() -> on),
        two.onReceive(element -> "two: " + element),
        Select.orElse(() -> "none"));
  }

  @Operation
  public boolean sendToOne(@Param(name = "element") int element) {
    return one.trySend(element);
  }

  @Operation
  public boolean sendToTwo(@Param(name = "element") int element) {
    return two.trySend(element);
  }

  @Operation
  public String receive(@Param(name = "on") boolean on) throws InterruptedException {
    return (on ? both : onlyTwo).await();
  }

  /** The sequential specification of the operations. */
  public static class TwoQueues {
    private final Queue<Integer> one = new ArrayDeque<>();
    private final Queue<Integer> two = new ArrayDeque<>();

    public boolean sendToOne(int element) {
      return one.isEmpty() && one.add(element);
    }

    public boolean sendToTwo(int element) {
      return two.size() < 2 && two.add(element);
    }

    public String receive(boolean on) {
      if (on && !one.isEmpty()) {
        return "one: " + one.remove();
      }
      return two.isEmpty() ? "none" : "two: " + two.remove();
    }
  }

  @Test
  void under_model_checking() {
    Runs.modelCheck(ConditionLincheckTest.class, TwoQueues.class);
  }

  @Test
  void under_stress() {
    Runs.stress(ConditionLincheckTest.class, TwoQueues.class);
  }
}
