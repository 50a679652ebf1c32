package dev.holdfast.channel;

import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/**
 * Fair selects over two channels. The specification does not say which clause they take, only that
 * they take one if either channel has an element at one moment, and none otherwise.
 */
public class FairSelectLincheckTest {

  private final Channel<Integer> one = Channel.open(end -> {}, ChannelSpec.of(8));
  private final Channel<Integer> two = Channel.open(end -> {}, ChannelSpec.of(8));

  @Operation
  public boolean sendToOne() {
    return one.trySend(1);
  }

  @Operation
  public boolean sendToTwo() {
    return two.trySend(2);
  }

  @Operation
  public boolean receive() throws InterruptedException {
    return Select.<Boolean>of(
            one.onReceive(element -> true), two.onReceive(element -> true), none())
        .await();
  }

  @Operation
  public boolean receiveTheOtherWayRound() throws InterruptedException {
    return Select.<Boolean>of(
            two.onReceive(element -> true), one.onReceive(element -> true), none())
        .await();
  }

  private static Clause<Boolean> none() {
    return Select.orElse(() -> false);
  }

  /** The sequential specification of the operations. */
  public static class Count {
    private int elements;

    public boolean sendToOne() {
      elements++;
      return true;
    }

    public boolean sendToTwo() {
      return sendToOne();
    }

    public boolean receive() {
      if (elements == 0) {
        return false;
      }
      elements--;
      return true;
    }

    public boolean receiveTheOtherWayRound() {
      return receive();
    }
  }

  @Test
  void under_model_checking() {
    Runs.modelCheck(FairSelectLincheckTest.class, Count.class);
  }

  @Test
  void under_stress() {
    Runs.stress(FairSelectLincheckTest.class, Count.class);
  }
}
