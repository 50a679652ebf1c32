package dev.holdfast.junit;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A test, or a class, while it runs: what was started in it is its own.
 *
 * <p>Threads that it leaves refer to it, so it refers to nothing large once it is closed.
 */
final class Window {

  /** How many creations are remembered; a test that makes more threads learns less of them. */
  private static final int MANY = 1_000;

  private final String name;
  private final @Nullable Window outer;
  private final Rules rules;
  private final long begin = Ids.next();

  /** Where its threads were created, by their identifiers. */
  private final Map<Long, Creation> creations = new ConcurrentHashMap<>();

  private final Set<Thread> busyBefore = ConcurrentHashMap.newKeySet();
  private volatile boolean alone = true;
  private volatile boolean wantsCreations = true;

  Window(String name, @Nullable Window outer, Rules rules) {
    this.name = name;
    this.outer = outer;
    this.rules = rules;
    busyBefore.addAll(CommonPool.busy());
  }

  String name() {
    return name;
  }

  Rules rules() {
    return rules;
  }

  /** {@return an identifier that is smaller than those of all threads created in it} */
  long begin() {
    return begin;
  }

  /** {@return whether nothing else ran at any time during it, but what is inside or around} */
  boolean isAlone() {
    return alone;
  }

  void notAlone() {
    alone = false;
  }

  boolean isInside(Window other) {
    for (Window at = this; at != null; at = at.outer) {
      if (at == other) {
        return true;
      }
    }
    return false;
  }

  /**
   * {@return whether what a worker of the common pool does is not its own: it was at it before, or
   * was told of already}
   */
  boolean isKnownBusy(Thread worker) {
    return busyBefore.contains(worker);
  }

  /** {@return whether a creation has to be told; to find out what one was takes microseconds} */
  boolean wantsCreations() {
    return wantsCreations;
  }

  void created(long thread, Creation creation) {
    creations.put(thread, creation);
    if (creations.size() >= MANY) {
      wantsCreations = false;
    }
  }

  @Nullable Creation creation(long thread) {
    return creations.get(thread);
  }

  List<StackTraceElement> createdFrom(long thread) {
    Creation creation = creation(thread);
    return creation == null ? List.of() : creation.from();
  }

  /**
   * {@return whether a virtual thread may have been created in it that is not Holdfast's; known
   * without a look at threads}
   */
  boolean mayHaveVirtualThreads() {
    if (!alone || creations.size() >= MANY) {
      return true;
    }
    int tracked = creations.size();
    if (Ids.next() - begin - 1 != 2L * tracked) { // itself, and the identifier that tells of it
      return true;
    }
    return creations.values().stream().anyMatch(Creation::isRawVirtual);
  }

  /** {@return the threads whose creation is remembered} */
  Set<Long> created() {
    return Set.copyOf(creations.keySet());
  }

  void close() {
    wantsCreations = false;
    creations.clear();
    if (outer != null) {
      outer.busyBefore.addAll(CommonPool.busy());
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
