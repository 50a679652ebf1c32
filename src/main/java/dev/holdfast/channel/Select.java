package dev.holdfast.channel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A choice among sends and receives: waits until one of them can be done, and does that one.
 *
 * {@snippet class="dev.holdfast.doc.ChannelPatterns" region="select"}
 *
 * <p>Exactly one clause takes effect each time. A clause is ready when its operation would not
 * wait; on a channel that has ended it is ready too, and then throws what the operation throws, or
 * gives {@code null} where it is {@link Receiver#onReceiveOrNull}.
 *
 * <p>A select is immutable and any number of threads may use it, again and again; nothing stays
 * behind in the channels. One channel may be in several clauses.
 *
 * @param <R> the type of the value
 * @since 0.1
 */
public final class Select<R extends @Nullable Object> {

  /*
   * First a look at every clause, without a lock; one that looks ready is tried by itself. So a
   * select that has something to do costs what the operation costs, whatever the number of clauses.
   *
   * If there is nothing to do, all channels are locked, in the order of their ids so that selects do
   * not block each other. Under all the locks everything is tried once more; then either nothing is
   * ready, at this one moment, and `orElse` is taken, or a Waiter is queued for each clause, all at
   * once. They share a Turn: who takes one of them off claims it by a compare-and-set, and drops the
   * waiter if it is claimed. Because they are queued under all the locks, two selects cannot claim
   * each other half-way. Afterwards those of the other clauses are taken off, one channel at a time.
   * This is the algorithm of Go's select, with a first look that takes no lock.
   */

  private final ChannelClause<R>[] clauses;
  private final @Nullable Otherwise<R> otherwise;
  private final boolean fair;

  /** The channels, each once, in the order in which they are locked. */
  private final RingChannel<?>[] channels;

  private final Lifetime[] owners;

  @SuppressWarnings("unchecked") // arrays of generics; and a clause of a subtype of R gives an R
  private Select(Iterable<? extends Clause<? extends R>> given, boolean fair) {
    var operations = new ArrayList<ChannelClause<R>>();
    Otherwise<R> otherwise = null;
    for (Clause<? extends R> clause : given) {
      switch ((Clause<R>) Objects.requireNonNull(clause, "clause")) {
        case ChannelClause<R> operation -> operations.add(operation);
        case Otherwise<R> rest -> {
          if (otherwise != null) {
            throw new IllegalArgumentException(
                "a select takes one timeout or one orElse clause, not two of them: merge them");
          }
          otherwise = rest;
        }
      }
    }
    if (operations.isEmpty()) {
      throw new IllegalArgumentException(
          "a select needs a clause that sends or receives: without one it waits for nothing");
    }
    this.clauses = (ChannelClause<R>[]) operations.toArray(new ChannelClause<?>[0]);
    this.otherwise = otherwise;
    this.fair = fair;
    this.channels =
        operations.stream()
            .map(clause -> clause.channel)
            .distinct()
            .sorted(Comparator.comparingLong(RingChannel::id))
            .toArray(RingChannel<?>[]::new);
    this.owners =
        Arrays.stream(channels).map(RingChannel::owner).distinct().toArray(Lifetime[]::new);
  }

  /**
   * {@return a fair select: it begins with a random clause each time, so none is passed over for
   * ever}
   *
   * @param <R> the type of the value
   * @param clauses the clauses
   * @throws IllegalArgumentException if none of them sends or receives, or more than one is of
   *     {@code timeout} or {@code orElse}
   * @throws NullPointerException if one of them is {@code null}
   */
  @SafeVarargs
  @SuppressWarnings("varargs") // they are only read
  public static <R extends @Nullable Object> Select<R> of(Clause<? extends R>... clauses) {
    return new Select<>(Arrays.asList(clauses), true);
  }

  /**
   * {@return a fair select of clauses made at run time, see {@link #of(Clause...)}}
   *
   * @param <R> the type of the value
   * @param clauses the clauses
   * @throws IllegalArgumentException if none of them sends or receives, or more than one is of
   *     {@code timeout} or {@code orElse}
   * @throws NullPointerException if one of them is {@code null}
   */
  public static <R extends @Nullable Object> Select<R> of(
      List<? extends Clause<? extends R>> clauses) {
    return new Select<>(Objects.requireNonNull(clauses, "clauses"), true);
  }

  /**
   * {@return a select that takes the first clause that is ready, in the order given}
   *
   * @param <R> the type of the value
   * @param clauses the clauses, the most important first
   * @throws IllegalArgumentException if none of them sends or receives, or more than one is of
   *     {@code timeout} or {@code orElse}
   * @throws NullPointerException if one of them is {@code null}
   */
  @SafeVarargs
  @SuppressWarnings("varargs") // they are only read
  public static <R extends @Nullable Object> Select<R> first(Clause<? extends R>... clauses) {
    return new Select<>(Arrays.asList(clauses), false);
  }

  /**
   * {@return an in-order select of clauses made at run time, see {@link #first(Clause...)}}
   *
   * @param <R> the type of the value
   * @param clauses the clauses, the most important first
   * @throws IllegalArgumentException if none of them sends or receives, or more than one is of
   *     {@code timeout} or {@code orElse}
   * @throws NullPointerException if one of them is {@code null}
   */
  public static <R extends @Nullable Object> Select<R> first(
      List<? extends Clause<? extends R>> clauses) {
    return new Select<>(Objects.requireNonNull(clauses, "clauses"), false);
  }

  /**
   * {@return a clause that is taken when no other was ready for a time}
   *
   * @param <R> the type of the value
   * @param timeout for how long, from the call of {@link #await}; zero or less does not wait
   * @param then gives the value
   * @throws NullPointerException if {@code timeout} or {@code then} is {@code null}
   */
  public static <R extends @Nullable Object> Clause<R> timeout(
      Duration timeout, Supplier<? extends R> then) {
    return new Otherwise<>(Timeouts.nanos(timeout), Objects.requireNonNull(then, "then"));
  }

  /**
   * {@return a clause that is taken when no other is ready at once}
   *
   * @param <R> the type of the value
   * @param then gives the value
   * @throws NullPointerException if {@code then} is {@code null}
   */
  public static <R extends @Nullable Object> Clause<R> orElse(Supplier<? extends R> then) {
    return new Otherwise<>(0, Objects.requireNonNull(then, "then"));
  }

  /**
   * Waits until a clause is ready, and does it.
   *
   * <p>If this throws {@link InterruptedException} no clause took effect. What a clause's function
   * throws comes out; its operation has happened then.
   *
   * @return the value of the clause that was taken
   * @throws ChannelClosedException if the clause taken is on a channel that has ended
   * @throws InterruptedException if the thread is interrupted or its task is cancelled, as it is
   *     when a deadline passes
   */
  public R await() throws InterruptedException {
    checkpoint();
    if (Thread.currentThread().isInterrupted()) {
      throw interrupted();
    }
    int start = fair ? ThreadLocalRandom.current().nextInt(clauses.length) : 0;
    // In order, only the first can be taken without a look at those before it at the same moment.
    int alone = fair ? clauses.length : 1;
    for (int i = 0; i < alone; i++) {
      ChannelClause<R> clause = clause(start + i);
      if (clause.looksReady()) {
        Object done = attempt(clause);
        if (done != null) {
          return clause.value(clause.settle(done));
        }
      }
    }
    return awaitAll(start);
  }

  private void checkpoint() throws InterruptedException {
    for (Lifetime owner : owners) {
      owner.checkpoint();
    }
  }

  /** {@return what to throw at a thread whose flag is set; clears it} */
  private InterruptedException interrupted() throws InterruptedException {
    checkpoint(); // before the flag is cleared: it tells whose the interrupt is
    Thread.interrupted();
    return new InterruptedException("interrupted while waiting in a " + this);
  }

  private ChannelClause<R> clause(int index) {
    return clauses[index < clauses.length ? index : index - clauses.length];
  }

  private static @Nullable Object attempt(ChannelClause<?> clause) {
    RingChannel<?> channel = clause.channel;
    Object done;
    channel.lock();
    try {
      done = clause.attempt();
      channel.unlock();
    } catch (Throwable t) { // here only assignments are safe
      channel.receivers.locked = 0;
      channel.senders.locked = 0;
      throw t;
    }
    return done;
  }

  private R awaitAll(int start) throws InterruptedException {
    ChannelClause<R> ready = null;
    Object done = null;
    Turn turn = null;
    int locked = 0;
    try {
      channels[0].lock();
      for (locked = 1; locked < channels.length; locked++) {
        channels[locked].lockToo();
      }
      for (int i = 0; i < clauses.length && done == null; i++) {
        ready = clause(start + i);
        done = ready.attempt();
      }
      if (done == null && (otherwise == null || otherwise.nanos > 0)) {
        turn = new Turn(clauses);
      }
      while (locked > 0) {
        channels[locked - 1].unlock();
        locked--;
      }
    } catch (Throwable t) { // here only assignments are safe
      while (locked > 0) {
        locked--;
        channels[locked].receivers.locked = 0;
        channels[locked].senders.locked = 0;
      }
      throw t;
    }
    if (done != null && ready != null) {
      return ready.value(ready.settle(done));
    }
    if (turn != null && await(turn)) {
      return clauses[turn.winner].value(turn.item == null ? RingChannel.ENDED : turn.item);
    }
    return Objects.requireNonNull(otherwise).then.get();
  }

  /** {@return whether a clause was done for us, false after the time} */
  private boolean await(Turn turn) throws InterruptedException {
    Otherwise<R> limit = otherwise;
    boolean limited = limit != null;
    long until = limit == null ? 0 : System.nanoTime() + limit.nanos;
    try {
      if (turn.park(limited, until)) {
        return true;
      }
      if (!turn.claim(NOBODY)) {
        turn.awaitDone();
        return true;
      }
    } finally {
      turn.claim(NOBODY); // for one that throws; otherwise it is decided
      turn.withdrawAll(clauses);
    }
    if (Thread.currentThread().isInterrupted()) {
      throw interrupted();
    }
    return false;
  }

  /** {@return the clauses} */
  @Override
  public String toString() {
    return "Select over "
        + Arrays.stream(clauses).map(clause -> clause.channel.label()).toList()
        + (fair ? "" : ", in order");
  }

  /** In place of the clause that was taken: none, it was interrupted or the time was up. */
  private static final int NOBODY = -1;

  private static final int UNDECIDED = -2;

  /** One wait of a select: what its waiters have in common, and what is told of the one taken. */
  static final class Turn extends Waiter {

    private static final VarHandle WINNER;

    static {
      try {
        WINNER = MethodHandles.lookup().findVarHandle(Turn.class, "winner", int.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private final Waiter[] waiters;
    private volatile int winner = UNDECIDED;

    /** Queues a waiter for each clause; under all the locks. */
    Turn(ChannelClause<?>[] clauses) {
      super(Thread.currentThread(), null, null);
      waiters = new Waiter[clauses.length];
      for (int i = 0; i < clauses.length; i++) {
        waiters[i] = clauses[i].waiter(this, i);
      }
      for (int i = 0; i < clauses.length; i++) { // nothing fails from here on
        clauses[i].queue(waiters[i]);
      }
    }

    boolean claim(int clause) {
      return WINNER.compareAndSet(this, UNDECIDED, clause);
    }

    @Override
    public Operation operation() {
      return Operation.SELECT;
    }

    @Override
    public List<Channel<?>> channels() {
      return Arrays.stream(waiters).flatMap(w -> w.channels().stream()).toList();
    }

    void withdrawAll(ChannelClause<?>[] clauses) {
      for (int i = 0; i < waiters.length; i++) {
        if (i != winner) {
          clauses[i].channel.withdraw(waiters[i]);
        }
      }
    }
  }

  /** What waits in a channel for one clause of a select. */
  static final class ClauseWaiter extends Waiter {

    private final Turn turn;
    private final int clause;

    ClauseWaiter(Turn turn, int clause, @Nullable RingChannel<?> channel, @Nullable Object item) {
      super(null, channel, item);
      this.turn = turn;
      this.clause = clause;
    }

    @Override
    boolean claim() {
      return turn.claim(clause);
    }

    @Override
    void complete(@Nullable Object item) {
      turn.complete(item);
    }
  }

  /** What is done when no clause was ready for a time, which may be none. */
  static final class Otherwise<R extends @Nullable Object> extends Clause<R> {

    private final long nanos;
    private final Supplier<? extends R> then;

    private Otherwise(long nanos, Supplier<? extends R> then) {
      this.nanos = nanos;
      this.then = then;
    }
  }
}
