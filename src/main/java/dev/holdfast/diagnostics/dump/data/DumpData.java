package dev.holdfast.diagnostics.dump.data;

import dev.holdfast.diagnostics.DumpedThread;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The content of a thread dump.
 *
 * @param pid the identifier of the process; 0 if the dump does not say
 * @param time when it was taken; {@link #UNKNOWN} if the dump does not say
 * @param runtimeVersion the version of the JVM; empty if the dump does not say
 * @param containers the threads by executor or scope
 * @param skipped how many threads and frames were skipped because they are damaged
 */
public record DumpData(
    long pid, Instant time, String runtimeVersion, List<Container> containers, int skipped) {

  /** The value of {@link #time} for a dump that does not contain its time. */
  public static final Instant UNKNOWN = Instant.EPOCH;

  /** {@return the same dump, with the given time if it contains none} */
  public DumpData orAt(Instant modified) {
    return time.equals(UNKNOWN)
        ? new DumpData(pid, modified, runtimeVersion, containers, skipped)
        : this;
  }

  /** {@return the same dump without some of its threads} */
  public DumpData without(Predicate<DumpedThread> unwanted) {
    List<Container> kept =
        containers.stream()
            .map(c ->
                new Container(
                    c.name,
                    c.parent,
                    c.owner,
                    c.threads.stream().filter(unwanted.negate()).toList()))
            .toList();
    return new DumpData(pid, time, runtimeVersion, kept, skipped);
  }

  /**
   * An executor, a scope, or the root of the threads in neither.
   *
   * @param name the name
   * @param parent the name of the container it is in, or {@code null} for the root
   * @param owner the identifier of the thread that opened it, or {@code null} if the dump does not
   *     say
   * @param threads the threads directly in it
   */
  public record Container(
      String name, @Nullable String parent, @Nullable Long owner, List<DumpedThread> threads) {}
}
