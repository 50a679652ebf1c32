package dev.holdfast.diagnostics.dump;

import dev.holdfast.diagnostics.DumpedThread;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a thread dump says.
 *
 * @param pid the identifier of the process
 * @param time when it was taken
 * @param runtimeVersion the version of the JVM
 * @param containers the threads by executor or scope
 */
public record DumpData(long pid, Instant time, String runtimeVersion, List<Container> containers) {

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
