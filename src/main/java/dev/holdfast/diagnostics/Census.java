package dev.holdfast.diagnostics;

import dev.holdfast.diagnostics.census.HeldCarriers;
import dev.holdfast.diagnostics.census.JvmThreads;
import dev.holdfast.diagnostics.census.OwnCode;
import dev.holdfast.diagnostics.census.ThreadSummarizer;
import dev.holdfast.diagnostics.census.ThreadSummary;
import dev.holdfast.diagnostics.json.JsonWriter;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The threads of a {@link ThreadDump}, counted by activity and place. Immutable.
 *
 * <p>Threads are in one {@link Group} if they have the same activity, in the same call, from the
 * same method of the application. Grouping ignores frames of the JDK, of Holdfast and of well-known
 * frameworks, line numbers, and the numbers of lambdas and generated classes: all lambdas of a
 * method count as that method. A thread without application frames is grouped by its innermost
 * framework method; a thread with neither, by its name without digits.
 *
 * <p>A census counts the internal threads of the JVM, the JDK and Holdfast, such as carriers of
 * virtual threads, but does not group them.
 *
 * <p>In dumps of JDKs before 25, a virtual thread that waits to enter a monitor appears to be
 * running.
 *
 * @since 0.1
 */
public final class Census {

  private static final int SAMPLES = 5;

  private final ThreadDump dump;
  private final OwnCode own;
  private final List<Group> groups;
  private final Map<Key, List<Variant>> variants = new HashMap<>();
  private final int virtual;
  private final int grouped;
  private final @Nullable DumpedThread oldest;

  private Census(ThreadDump dump, OwnCode own) {
    this.dump = dump;
    this.own = own;
    var members = new LinkedHashMap<Key, Members>();
    var summaries = new HashMap<ThreadSummary, Integer>();
    var summarizer = new ThreadSummarizer(own);
    int virtual = 0;
    int grouped = 0;
    DumpedThread oldest = null;
    for (DumpedThread thread : dump.threads()) {
      virtual += thread.virtual() || HeldCarriers.isNotStarted(thread) ? 1 : 0;
      if (!JvmThreads.isInternal(thread)) {
        grouped++;
        oldest = oldest == null || thread.id() < oldest.id() ? thread : oldest;
        ThreadSummary summary = summarizer.summarize(thread);
        summaries.merge(summary, 1, Integer::sum);
        members.computeIfAbsent(new Key(summary), k -> new Members()).add(thread, summary);
      }
    }
    this.virtual = virtual;
    this.grouped = grouped;
    this.oldest = oldest;
    this.groups = groups(members, cumulative(summaries));
    members.forEach((key, of) -> variants.put(key, of.variants()));
  }

  /**
   * Counts the threads of a dump. All code outside the JDK and well-known frameworks counts as the
   * application.
   *
   * @param dump the dump
   * @return the census
   * @throws NullPointerException if {@code dump} is {@code null}
   */
  public static Census of(ThreadDump dump) {
    return new Census(Objects.requireNonNull(dump, "dump"), OwnCode.guessed());
  }

  /**
   * Counts the threads of a dump, given the packages of the application.
   *
   * @param dump the dump
   * @param application the packages of the application, such as {@code com.acme}, which include the
   *     packages inside them; if there are none, this method is the same as {@link #of(ThreadDump)}
   * @return the census
   * @throws NullPointerException if an argument or a package is {@code null}
   */
  public static Census of(ThreadDump dump, Collection<String> application) {
    Objects.requireNonNull(dump, "dump");
    return new Census(dump, OwnCode.in(List.copyOf(application)));
  }

  /** Threads of a group that have the same application and framework methods. */
  record Variant(int count, List<String> stack) {}

  /** {@return the stacks of a group, the most frequent first} */
  List<Variant> variants(Group group) {
    return variants.getOrDefault(group.key(), List.of());
  }

  /** {@return the code that counts as the application} */
  OwnCode own() {
    return own;
  }

  /** The key of a group. */
  private record Key(Activity activity, String operation, String place) {

    Key(ThreadSummary summary) {
      this(summary.activity(), summary.operation(), summary.place());
    }
  }

  /** The threads of a group while they are counted. */
  private static final class Members {

    private int count;
    private final TreeSet<Long> samples = new TreeSet<>();
    private final Map<List<String>, Integer> stacks = new LinkedHashMap<>();

    void add(DumpedThread thread, ThreadSummary summary) {
      count++;
      stacks.merge(summary.frames(), 1, Integer::sum);
      if (samples.size() < SAMPLES || thread.id() < samples.last()) {
        samples.add(thread.id());
        if (samples.size() > SAMPLES) {
          samples.pollLast();
        }
      }
    }

    Group group(Key key, int cumulative) {
      List<String> stack = variants().getFirst().stack;
      return new Group(
          key.activity, key.operation, key.place, count, cumulative, List.copyOf(samples), stack);
    }

    List<Variant> variants() {
      return stacks.entrySet().stream()
          .map(e -> new Variant(e.getValue(), e.getKey()))
          .sorted(Comparator.comparingInt(Variant::count).reversed())
          .toList();
    }
  }

  /** {@return for each method, how many threads have it anywhere on their stack} */
  private static Map<String, Integer> cumulative(Map<ThreadSummary, Integer> summaries) {
    var cumulative = new HashMap<String, Integer>();
    summaries.forEach((summary, count) -> {
      var places = new HashSet<>(summary.frames());
      places.add(summary.place());
      places.forEach(place -> cumulative.merge(place, count, Integer::sum));
    });
    return cumulative;
  }

  private static List<Group> groups(Map<Key, Members> members, Map<String, Integer> cumulative) {
    return members.entrySet().stream()
        .map(e -> e.getValue().group(e.getKey(), cumulative.getOrDefault(e.getKey().place, 0)))
        .sorted(Comparator.comparingInt(Group::count).reversed().thenComparingLong(Group::oldest))
        .toList();
  }

  /**
   * Finds the groups that have grown between two censuses of a JVM.
   *
   * @param before the earlier census
   * @param after the later census
   * @return the groups that have more threads in the later census, the largest growth first
   * @throws NullPointerException if an argument is {@code null}
   */
  public static List<Growth> diff(Census before, Census after) {
    Objects.requireNonNull(before, "before");
    Objects.requireNonNull(after, "after");
    var counts = new HashMap<Key, Integer>();
    before.groups.forEach(group -> counts.put(group.key(), group.count));
    return after.groups.stream()
        .map(group -> new Growth(group, counts.getOrDefault(group.key(), 0)))
        .filter(growth -> growth.increase() > 0)
        .sorted(Comparator.comparingInt(Growth::increase).reversed())
        .toList();
  }

  /** {@return the dump that was counted} */
  public ThreadDump dump() {
    return dump;
  }

  /** {@return the groups, the largest first} */
  public List<Group> groups() {
    return groups;
  }

  /** {@return the number of platform threads, grouped or not} */
  public int platformThreads() {
    return dump.threads().size() - virtual;
  }

  /** {@return the number of virtual threads, grouped or not} */
  public int virtualThreads() {
    return virtual;
  }

  /** {@return the number of threads in groups} */
  public int groupedThreads() {
    return grouped;
  }

  /**
   * {@return the grouped thread that was created first, if there is one}
   *
   * <p>That is the one with the lowest identifier: dumps do not contain the age of threads.
   */
  public Optional<DumpedThread> oldest() {
    return Optional.ofNullable(oldest);
  }

  /**
   * {@return what the dump shows beyond the groups, each in one or two sentences: deadlocks, owners
   * of locks that threads wait for, threads that hold the carriers, and exhausted pools}
   */
  public List<String> findings() {
    return CensusFindings.of(this);
  }

  /**
   * {@return a number of threads as a percentage of the grouped threads}
   *
   * @param threads the number of threads
   */
  public double percent(int threads) {
    return grouped == 0 ? 0 : 100.0 * threads / grouped;
  }

  /**
   * {@return the census as a table like that of {@code pprof -top}, with probable causes and
   * scopes}
   *
   * @param top the maximum number of groups in the table
   * @throws IllegalArgumentException if {@code top} is less than one
   */
  public String toText(int top) {
    return CensusReport.text(this, atLeastOne(top));
  }

  /** {@return the census as JSON, with all groups} */
  public String toJson() {
    return JsonWriter.of(CensusReport.json(this));
  }

  private static int atLeastOne(int top) {
    if (top < 1) {
      throw new IllegalArgumentException("top must be at least 1, was " + top);
    }
    return top;
  }

  /** {@return the number of threads and groups} */
  @Override
  public String toString() {
    return "Census[threads=%d, grouped=%d, groups=%d]"
        .formatted(dump.threads().size(), grouped, groups.size());
  }

  /**
   * Threads that do the same thing in the same place.
   *
   * @param activity what the threads do
   * @param operation the method of the JDK, of Holdfast or of a framework that the application has
   *     called, such as {@code SynchronousQueue.put}; empty if they are in the application's own
   *     code
   * @param place the innermost method of the application, such as {@code com.acme.Feed.publish}; if
   *     there is none, the innermost method of a framework; if there is none either, the name of
   *     the threads
   * @param count the number of threads
   * @param cumulative the number of threads that have {@code place} anywhere on their stacks
   * @param samples the lowest identifiers of its threads, at most five, ascending
   * @param stack the methods of the application and of frameworks on the most frequent of their
   *     stacks, innermost first
   * @since 0.1
   */
  public record Group(
      Activity activity,
      String operation,
      String place,
      int count,
      int cumulative,
      List<Long> samples,
      List<String> stack) {

    /** Copies the lists. */
    public Group {
      Objects.requireNonNull(activity, "activity");
      Objects.requireNonNull(operation, "operation");
      Objects.requireNonNull(place, "place");
      samples = List.copyOf(samples);
      stack = List.copyOf(stack);
    }

    /** {@return the lowest identifier of its threads, which is that of the thread created first} */
    public long oldest() {
      return samples.getFirst();
    }

    /** {@return one line: the activity, the place, and the call} */
    public String label() {
      return activity + " " + place + (operation.isEmpty() ? "" : " -> " + operation);
    }

    private Key key() {
      return new Key(activity, operation, place);
    }
  }

  /**
   * A group that has more threads than before.
   *
   * @param group the group as it is now
   * @param before the number of threads it had before
   * @since 0.1
   */
  public record Growth(Group group, int before) {

    /** Creates a record. */
    public Growth {
      Objects.requireNonNull(group, "group");
    }

    /** {@return how many more threads it has now} */
    public int increase() {
      return group.count - before;
    }
  }
}
