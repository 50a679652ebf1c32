package dev.holdfast.channel;

import dev.holdfast.internal.channel.Timeouts;
import dev.holdfast.internal.channel.Waiter;
import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.clock.Simulator;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A choice among sends and receives: waits until one of them is ready and performs that one.
 *
 * {@snippet class="dev.holdfast.doc.ChannelPatterns" region="select"}
 *
 * <p>Each {@link #await} performs exactly one clause. A clause is ready when its operation would
 * not wait. A clause on a channel that was closed or has failed is ready as well: it throws what
 * its operation throws, or yields {@code null} if it is a {@link Receiver#onReceiveOrNull}. A
 * clause has the memory effects of its operation.
 *
 * <p>A select is immutable, and any number of threads may use it any number of times. A channel may
 * be in several clauses.
 *
 * @param <R> the type of the value
 * @since 0.1
 */
public final class Select<R extends @Nullable Object> {

  /*
   * A select first checks each clause without a lock, and attempts one that appears ready. So a
   * select that need not wait costs as much as the operation and one check of each clause.
   *
   * If no attempt succeeds, the select locks all channels, in the order of their ids so that
   * selects do not deadlock. Under all the locks it attempts every clause once more. If no clause
   * is ready at this one moment, it takes `orElse`, or else queues a waiter for each clause, all in
   * one step. The waiters share a SelectWait. A thread that removes one of them claims the
   * SelectWait by a compare-and-set, and drops the waiter if another thread has claimed it before.
   * Because the waiters are queued under all the locks, no thread sees a select with only some of
   * its waiters. Afterwards the select withdraws the waiters of the other clauses, one channel at a
   * time. This is the algorithm of Go's select, with a first check that takes no lock.
   *
   * Fairness. A cyclic search from a random start would prefer a ready clause that follows idle
   * ones. So the select takes a random clause only if that clause is ready. Otherwise it draws one
   * of the ready clauses; a single one needs no draw. Both give each ready clause the same chance.
   * The waiters of clauses on one channel are queued in a random order.
   */

  private final Clause.OnChannel<R>[] clauses;
  private final Clause.@Nullable Otherwise<R> otherwise;
  private final boolean fair;

  /** All clauses if some have conditions, else null. */
  private final @Nullable List<Clause<? extends R>> conditional;

  /** The channels, each once, in the order in which they are locked. */
  private final RingChannel<?>[] channels;

  private final Lifetime[] owners;

  @SuppressWarnings("unchecked") // arrays of generics; and a clause of a subtype of R gives an R
  private Select(Iterable<? extends Clause<? extends R>> given, boolean fair) {
    var operations = new ArrayList<Clause.OnChannel<R>>();
    Clause.Otherwise<R> otherwise = null;
    boolean conditions = false;
    for (Clause<? extends R> clause : given) {
      switch ((Clause<R>) Objects.requireNonNull(clause, "clause")) {
        case Clause.OnChannel<R> operation -> operations.add(operation);
        case Clause.Conditional<R> conditional -> {
          conditions = true;
          if (conditional.always() instanceof Clause.OnChannel<R> operation) {
            operations.add(operation);
          }
        }
        case Clause.Otherwise<R> rest -> {
          if (otherwise != null) {
            throw new IllegalArgumentException(
                "a select takes one timeout or orElse clause, not two: merge them");
          }
          otherwise = rest;
        }
      }
    }
    if (operations.isEmpty()) {
      throw new IllegalArgumentException("a select needs a clause that sends or receives: add one");
    }
    this.conditional = conditions ? copy(given) : null;
    this.clauses = (Clause.OnChannel<R>[]) operations.toArray(new Clause.OnChannel<?>[0]);
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
   * {@return a fair select: it takes each of the clauses that are ready with the same probability}
   *
   * @param <R> the type of the value
   * @param clauses the clauses
   * @throws IllegalArgumentException if no clause sends or receives, or more than one is a {@code
   *     timeout} or {@code orElse} clause
   * @throws NullPointerException if a clause is {@code null}
   */
  @SafeVarargs
  @SuppressWarnings("varargs") // the array is only read
  public static <R extends @Nullable Object> Select<R> of(Clause<? extends R>... clauses) {
    return new Select<>(Arrays.asList(clauses), true);
  }

  /**
   * {@return a fair select of clauses created at run time; see {@link #of(Clause...)}}
   *
   * @param <R> the type of the value
   * @param clauses the clauses
   * @throws IllegalArgumentException if no clause sends or receives, or more than one is a {@code
   *     timeout} or {@code orElse} clause
   * @throws NullPointerException if a clause is {@code null}
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
   * @throws IllegalArgumentException if no clause sends or receives, or more than one is a {@code
   *     timeout} or {@code orElse} clause
   * @throws NullPointerException if a clause is {@code null}
   */
  @SafeVarargs
  @SuppressWarnings("varargs") // the array is only read
  public static <R extends @Nullable Object> Select<R> first(Clause<? extends R>... clauses) {
    return new Select<>(Arrays.asList(clauses), false);
  }

  /**
   * {@return an in-order select of clauses created at run time; see {@link #first(Clause...)}}
   *
   * @param <R> the type of the value
   * @param clauses the clauses, the most important first
   * @throws IllegalArgumentException if no clause sends or receives, or more than one is a {@code
   *     timeout} or {@code orElse} clause
   * @throws NullPointerException if a clause is {@code null}
   */
  public static <R extends @Nullable Object> Select<R> first(
      List<? extends Clause<? extends R>> clauses) {
    return new Select<>(Objects.requireNonNull(clauses, "clauses"), false);
  }

  /**
   * {@return a clause that is taken if no other becomes ready within a timeout}
   *
   * @param <R> the type of the value
   * @param timeout how long to wait, from the call of {@link #await}; zero or less does not wait
   * @param then supplies the value
   * @throws NullPointerException if {@code timeout} or {@code then} is {@code null}
   */
  public static <R extends @Nullable Object> Clause<R> timeout(
      Duration timeout, Supplier<? extends R> then) {
    return new Clause.Otherwise<>(Timeouts.nanos(timeout), Objects.requireNonNull(then, "then"));
  }

  /**
   * {@return a clause that is taken when no other is ready at once}
   *
   * @param <R> the type of the value
   * @param then supplies the value
   * @throws NullPointerException if {@code then} is {@code null}
   */
  public static <R extends @Nullable Object> Clause<R> orElse(Supplier<? extends R> then) {
    return new Clause.Otherwise<>(0, Objects.requireNonNull(then, "then"));
  }

  /**
   * Waits until a clause is ready and performs it.
   *
   * <p>If this method throws {@link InterruptedException}, no clause was performed. If the function
   * of a clause throws, this method throws the same exception, and the operation of the clause has
   * happened.
   *
   * @return the value of the clause that was taken
   * @throws ChannelClosedException if the clause taken is on a channel that has ended
   * @throws InterruptedException if the thread is interrupted, or its task is cancelled, for
   *     example by a deadline
   */
  public R await() throws InterruptedException {
    if (conditional != null) {
      return on(conditional).await();
    }
    Simulator.point("select", this);
    checkpoint();
    throwIfInterrupted();
    // An in-order select may take only its first clause without checking the others at the same
    // moment.
    for (Clause.OnChannel<R> clause; (clause = fair ? drawReady() : firstIfReady()) != null; ) {
      Object done = clause.attemptAtOneEnd();
      if (done == null) {
        done = RingChannel.locked(clause.channel, (channel, c) -> c.attempt(), clause);
      }
      if (done != null) {
        return value(clause, clause.settle(done));
      }
    }
    Object step = RingChannel.locked(channels, Select::attemptOrQueue, this);
    if (step instanceof SelectWait wait) {
      if (await(wait)) {
        return value(clauses[wait.winner], wait.item() == null ? RingChannel.ENDED : wait.item());
      }
    } else if (step != null) {
      @SuppressWarnings("unchecked")
      Ready<R> ready = (Ready<R>) step;
      return value(ready.clause, ready.clause.settle(ready.done));
    }
    return Objects.requireNonNull(otherwise).then.get();
  }

  private static <C> List<C> copy(Iterable<? extends C> clauses) {
    var copy = new ArrayList<C>();
    clauses.forEach(copy::add);
    return copy;
  }

  /** {@return the select of the clauses whose conditions hold now} */
  private Select<R> on(List<Clause<? extends R>> all) throws InterruptedException {
    checkpoint();
    var on = new ArrayList<Clause<? extends R>>();
    boolean operation = false;
    for (Clause<? extends R> clause : all) {
      Clause<? extends R> taken =
          clause instanceof Clause.Conditional<? extends R> given ? given.ifOn() : clause;
      if (taken != null) {
        on.add(taken);
        operation |= taken instanceof Clause.OnChannel<?>;
      }
    }
    if (!operation) {
      throw new IllegalStateException(
          "every clause of the select that sends or receives is switched off: leave one on");
    }
    return new Select<>(on, fair);
  }

  private void checkpoint() throws InterruptedException {
    for (Lifetime owner : owners) {
      owner.checkpoint();
    }
  }

  private void throwIfInterrupted() throws InterruptedException {
    if (Thread.currentThread().isInterrupted()) {
      checkpoint(); // while the flag is set, so that the owner can recognize its own interrupt
      Thread.interrupted();
      throw new InterruptedException("interrupted while waiting in a " + this);
    }
  }

  private Clause.@Nullable OnChannel<R> firstIfReady() {
    return clauses[0].looksReady() ? clauses[0] : null;
  }

  /** {@return one of the clauses that appear ready, each with the same chance, or null} */
  private Clause.@Nullable OnChannel<R> drawReady() {
    var random = Clock.random();
    Clause.OnChannel<R> drawn = clauses[random.nextInt(clauses.length)];
    if (drawn.looksReady()) {
      return drawn;
    }
    drawn = null;
    int ready = 0;
    for (Clause.OnChannel<R> clause : clauses) {
      if (clause.looksReady() && (++ready == 1 || random.nextInt(ready) == 0)) {
        drawn = clause;
      }
    }
    return drawn;
  }

  /** {@return a {@link Ready}, a {@link SelectWait}, or null to take `otherwise`} */
  private @Nullable Object attemptOrQueue() {
    if (fair) {
      // An attempt that fails has removed the claimed waiters, so its clause is no longer ready.
      for (Clause.OnChannel<R> clause; (clause = drawReady()) != null; ) {
        Object done = clause.attempt();
        if (done != null) {
          return new Ready<>(clause, done);
        }
      }
    } else {
      for (Clause.OnChannel<R> clause : clauses) {
        Object done = clause.attempt();
        if (done != null) {
          return new Ready<>(clause, done);
        }
      }
    }
    return otherwise == null || otherwise.nanos > 0 ? new SelectWait(this) : null;
  }

  /** {@return whether another thread performed a clause; false after the timeout} */
  private boolean await(SelectWait wait) throws InterruptedException {
    Clause.Otherwise<R> limit = otherwise;
    long deadline = limit == null ? 0 : Clock.nanoTime() + limit.nanos;
    try {
      if (wait.park(limit != null, deadline)) {
        return true;
      }
      Simulator.point("give up", this);
      if (!wait.claim(NONE)) {
        wait.awaitDone();
        return true;
      }
    } finally {
      wait.claim(NONE); // claims the wait if an exception led here
      wait.withdrawAll();
    }
    throwIfInterrupted();
    Waiter.throwIfAskedToStop();
    return false;
  }

  private R value(Clause.OnChannel<R> clause, Object outcome) {
    return clause.value(outcome, this);
  }

  /** {@return the position of a clause among the others, for a message} */
  String place(Clause.OnChannel<?> clause) {
    int index = Arrays.asList(clauses).indexOf(clause);
    return " (clause " + (index + 1) + " of " + clauses.length + " of a select)";
  }

  /** {@return the clauses} */
  @Override
  public String toString() {
    return "Select over "
        + Arrays.stream(clauses).map(clause -> clause.channel.label()).toList()
        + (fair ? "" : ", in order");
  }

  /** An operation that was performed under the locks and must be settled. */
  private record Ready<R extends @Nullable Object>(Clause.OnChannel<R> clause, Object done) {}

  /** Stands for the winning clause if a timeout or an interrupt ended the wait. */
  private static final int NONE = -1;

  private static final int UNDECIDED = -2;

  /** One wait of a select, shared by the waiters of its clauses. */
  private static final class SelectWait extends RingChannel.Wait {

    private static final VarHandle WINNER;

    static {
      try {
        WINNER = MethodHandles.lookup().findVarHandle(SelectWait.class, "winner", int.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private final Clause.OnChannel<?>[] clauses;
    private final ClauseWait[] waiters;
    private volatile int winner = UNDECIDED;

    /** Queues a waiter for each clause, under all the locks. */
    SelectWait(Select<?> select) {
      super(Thread.currentThread(), null, null);
      clauses = select.clauses;
      waiters = new ClauseWait[clauses.length];
      for (int i = 0; i < clauses.length; i++) {
        waiters[i] = new ClauseWait(this, i, clauses[i]);
      }
      boolean shuffled = select.fair && select.channels.length < clauses.length;
      ClauseWait[] order = shuffled ? shuffled(waiters) : waiters;
      for (ClauseWait waiter : order) { // no statement can fail from here on
        clauses[waiter.clause].queue(waiter);
      }
    }

    private static ClauseWait[] shuffled(ClauseWait[] waiters) {
      ClauseWait[] order = waiters.clone();
      var random = Clock.random();
      for (int i = order.length - 1; i > 0; i--) {
        int other = random.nextInt(i + 1);
        ClauseWait waiter = order[i];
        order[i] = order[other];
        order[other] = waiter;
      }
      return order;
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

    void withdrawAll() {
      for (int i = 0; i < waiters.length; i++) {
        if (i != winner) {
          clauses[i].channel.withdraw(waiters[i]);
        }
      }
    }
  }

  /** The waiter of one clause. It is queued, and its {@link SelectWait} is parked. */
  private static final class ClauseWait extends RingChannel.Wait {

    private final SelectWait wait;
    private final int clause;

    ClauseWait(SelectWait wait, int index, Clause.OnChannel<?> clause) {
      super(null, clause.channel, clause.offered());
      this.wait = wait;
      this.clause = index;
    }

    @Override
    public boolean isSend() {
      return wait.clauses[clause] instanceof Clause.Send;
    }

    @Override
    protected boolean claim() {
      return wait.claim(clause);
    }

    @Override
    public void complete(@Nullable Object item) {
      wait.complete(item);
    }
  }
}
