package dev.holdfast;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Reads how much heap something holds; the figure is in the rows bytesPerTask. */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.EVENTS)
public class Heap {

  /** Bytes for each. */
  public long bytesPerTask;

  private long before;

  /** Starts afresh. */
  @Setup(Level.Iteration)
  public void setUp() {
    before = used();
  }

  void measure(int many) {
    bytesPerTask = (used() - before) / many;
  }

  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
