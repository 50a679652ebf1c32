package dev.holdfast.channel;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/** In-order selects over two channels: a clause before the one taken was not ready. */
@Param(name = "element", gen = IntGen.class, conf = "1:3")
public class InOrderSelectLincheckTest {

  private final Channel<Integer> one = Channel.open(end -> {}, ChannelSpec.of(1));
  private final Channel<Integer> two = Channel.open(end -> {}, ChannelSpec.of(2));

  @Operation
  public boolean sendToOne(@Param(name = "element") int element) {
    return one.trySend(element);
  }

  @Operation
  public boolean sendToTwo(@Param(name = "element") int element) {
    return two.trySend(element);
  }

  @Operation
  public String receiveFromAny() throws InterruptedException {
    return Select.<String>first(
            one.onReceive(element -> "one: " + element),
            two.onReceive(element -> "two: " + element),
            Select.orElse(() -> "none"))
        .await();
  }

  @Operation
  public String sendToAny(@Param(name = "element") int element) throws InterruptedException {
    return Select.<String>first(
            two.onSend(element, () -> "two"),
            one.onSend(element, () -> "one"),
            Select.orElse(() -> "none"))
        .await();
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

    public String receiveFromAny() {
      if (!one.isEmpty()) {
        return "one: " + one.remove();
      }
      return two.isEmpty() ? "none" : "two: " + two.remove();
    }

    public String sendToAny(int element) {
      return sendToTwo(element) ? "two" : sendToOne(element) ? "one" : "none";
    }
  }

  @Test
  void under_model_checking() {
    Runs.modelCheck(InOrderSelectLincheckTest.class, TwoQueues.class);
  }

  @Test
  void under_stress() {
    Runs.stress(InOrderSelectLincheckTest.class, TwoQueues.class);
  }
}
