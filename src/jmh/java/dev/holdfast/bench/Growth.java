package dev.holdfast.bench;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Measures one row of {@link GrowthTable} with one peer, in a JVM of its own, and prints a line for
 * each size: the size, nanoseconds for each, bytes for each, and processor time for each.
 *
 * <p>Each pass runs every size, so that lasting load on the machine affects all sizes alike. The
 * shortest time counts, because other programs only add to it, but the mean of the processor times,
 * because their clock ticks every 10 ms.
 */
final class Growth {

  static final String MARK = "GROWTH ";

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private static final long WARM_UP = 1_500_000_000L;
  private static final long AT_LEAST = 60_000_000L;
  private static final long ALL_PASSES = 6_000_000_000L;

  /** A measurement: for each unit. */
  private record Cost(double nanos, double bytes, double processorNanos) {}

  private final GrowthRow row;
  private final ScopePeer peer;
  private long start;
  private long bytesAtStart;
  private long processorAtStart;

  private Growth(GrowthRow row, ScopePeer peer) {
    this.row = row;
    this.peer = peer;
  }

  /**
   * Prints the lines.
   *
   * @param args the title of the row, the peer and the largest size
   */
  public static void main(String[] args) throws Exception {
    GrowthRow row =
        GrowthRow.ROWS.stream().filter(r -> r.title().equals(args[0])).findFirst().orElseThrow();
    var growth = new Growth(row, ScopePeer.of(args[1]));
    var failure = new Throwable[1];
    Thread owner =
        Thread.ofVirtual()
            .unstarted(() -> {
              try {
                growth.print(row.sizes(Integer.parseInt(args[2])));
              } catch (Throwable e) {
                failure[0] = e;
              }
            });
    owner.start();
    owner.join();
    if (failure[0] != null) {
      failure[0].printStackTrace();
      System.exit(1);
    }
  }

  private void print(List<Integer> sizes) throws Exception {
    int base = Math.min(row.base(), sizes.getLast());
    long begun = System.nanoTime();
    while (System.nanoTime() - begun < WARM_UP) {
      for (int size : sizes) {
        if (size <= base) {
          once(size);
        }
      }
    }
    Map<Integer, List<Cost>> costs = new TreeMap<>();
    begun = System.nanoTime();
    for (int pass = 0; pass < 3 || pass < 9 && System.nanoTime() - begun < ALL_PASSES; pass++) {
      for (int size : sizes) {
        costs.computeIfAbsent(size, none -> new ArrayList<>()).add(measure(size));
      }
    }
    costs.forEach((size, all) ->
        System.out.println(
            String.join(
                " ",
                MARK + size,
                "" + all.stream().mapToDouble(Cost::nanos).min().orElseThrow(),
                "" + all.stream().mapToDouble(Cost::bytes).min().orElseThrow(),
                "" + all.stream().mapToDouble(Cost::processorNanos).average().orElseThrow())));
  }

  /** Repeats small sizes until the time can be measured. */
  private Cost measure(int size) throws Exception {
    System.gc();
    double nanos = 0;
    double bytes = 0;
    double processor = 0;
    int many = 0;
    do {
      Cost cost = once(size);
      nanos += cost.nanos;
      bytes += cost.bytes;
      processor += cost.processorNanos;
      many += size;
    } while (nanos < AT_LEAST);
    return new Cost(nanos / many, bytes / many, processor / many);
  }

  private Cost once(int size) throws Exception {
    begin();
    row.work().run(peer, size, this::begin);
    long nanos = System.nanoTime() - start;
    return new Cost(
        nanos,
        THREADS.getTotalThreadAllocatedBytes() - bytesAtStart,
        PROCESS.getProcessCpuTime() - processorAtStart);
  }

  private void begin() {
    bytesAtStart = THREADS.getTotalThreadAllocatedBytes();
    processorAtStart = PROCESS.getProcessCpuTime();
    start = System.nanoTime();
  }
}
