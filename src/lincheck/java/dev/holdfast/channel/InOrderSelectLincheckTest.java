package dev.holdfast.channel;

import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/** In-order selects over two channels: a clause before the one taken was not ready. */
public class InOrderSelectLincheckTest extends TwoChannels {

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
  public static class Queues extends TwoQueues {
    public String receiveFromAny() {
      return first(true);
    }

    public String sendToAny(int element) {
      return sendToTwo(element) ? "two" : sendToOne(element) ? "one" : "none";
    }
  }

  @Test
  void under_model_checking() {
    Runs.modelCheck(InOrderSelectLincheckTest.class, Queues.class);
  }

  @Test
  void under_stress() {
    Runs.stress(InOrderSelectLincheckTest.class, Queues.class);
  }
}
