package dev.holdfast.bench;

import dev.holdfast.Scopes;
import java.util.List;

/** Traffic without end, for {@link Lateness}. */
final class BusyTraffic {

  static final String NOTHING = "nothing";
  static final String FORKS = "fork and join";
  static final String FAN_OUT = "fanOut";
  static final String CHECKPOINTS = "computing with checkpoints";
  static final String COMPUTING = "computing without";

  private static final int ELEMENTS = 1_000_000;

  private BusyTraffic() {}

  /** {@return how many threads run this traffic} */
  static int threads(String traffic) {
    int busy = 2 * Integer.getInteger("jdk.virtualThreadScheduler.parallelism", 1) + 2;
    return switch (traffic) {
      case NOTHING -> 0;
      case FORKS, FAN_OUT, CHECKPOINTS, COMPUTING -> busy;
      default -> 1;
    };
  }

  /** Never returns. */
  static void run(String peer, String traffic) {
    try {
      while (true) {
        round(peer, traffic);
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void round(String peer, String traffic) throws Exception {
    switch (traffic) {
      case FORKS -> Scopes.run(scope -> scope.fork(() -> {}).join());
      case FAN_OUT -> Scopes.limit(2).fanOut(List.of(1, 2, 3), item -> item);
      case CHECKPOINTS -> {
        compute();
        Scopes.checkpoint();
      }
      case COMPUTING -> compute();
      default -> channels(peer, traffic.split(" "));
    }
  }

  /** As in "pairs 50 16": the shape, the number of channels, and their capacity. */
  private static void channels(String peer, String[] words) throws Exception {
    int channels = Integer.parseInt(words[1]);
    int capacity = Integer.parseInt(words[2]);
    Traffic over = Traffic.of(peer);
    switch (words[0]) {
      case "pairs" -> over.crowds(capacity, channels, 1, channels * ELEMENTS);
      case "chain" -> over.chain(capacity, channels, ELEMENTS);
      case "select" -> over.select(capacity, channels, ELEMENTS);
      default -> throw new IllegalArgumentException(words[0]);
    }
  }

  /** About ten microseconds. */
  private static void compute() {
    for (int i = 0; i < 300; i++) {
      Thread.onSpinWait();
    }
  }
}
