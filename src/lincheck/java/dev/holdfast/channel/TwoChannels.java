package dev.holdfast.channel;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;

/** Two channels with room for one and for two elements, for in-order selects. */
@Param(name = "element", gen = IntGen.class, conf = "1:3")
public abstract class TwoChannels {

  final Channel<Integer> one = Channel.open(end -> {}, ChannelSpec.of(1));
  final Channel<Integer> two = Channel.open(end -> {}, ChannelSpec.of(2));

  @Operation
  public boolean sendToOne(@Param(name = "element") int element) {
    return one.trySend(element);
  }

  @Operation
  public boolean sendToTwo(@Param(name = "element") int element) {
    return two.trySend(element);
  }

  /** The sequential specification of the operations. */
  public abstract static class TwoQueues {

    private final Queue<Integer> one = new ArrayDeque<>();
    private final Queue<Integer> two = new ArrayDeque<>();

    public boolean sendToOne(int element) {
      return one.isEmpty() && one.add(element);
    }

    public boolean sendToTwo(int element) {
      return two.size() < 2 && two.add(element);
    }

    /** {@return the first element of the first queue that has one} */
    String first(boolean alsoOne) {
      if (alsoOne && !one.isEmpty()) {
        return "one: " + one.remove();
      }
      return two.isEmpty() ? "none" : "two: " + two.remove();
    }
  }
}
