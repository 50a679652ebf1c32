package dev.holdfast.channel;

import dev.holdfast.testing.Poll;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Threads that each make a move at the same time, round after round. */
final class Crew implements AutoCloseable {

  private static final double FACTOR =
      Double.parseDouble(System.getProperty("holdfast.rounds.factor", "1"));

  /** The time for all rounds of a test; a busy machine plays fewer of them. */
  private static final long BUDGET_NANOS = (long) (2_000_000_000L * Math.max(1, FACTOR));

  /** A round that takes longer counts as hung. */
  private static final long HANGS_NANOS = 60_000_000_000L;

  private final List<Member> members = new ArrayList<>();
  private final Thread owner = Thread.currentThread();
  private final AtomicInteger arriving = new AtomicInteger();
  private final AtomicInteger playing = new AtomicInteger();
  private volatile boolean closed;
  private boolean together;

  /** The description of a round that failed. */
  Object state = "";

  /** A member's move in a round. */
  interface Move {
    void make(Member self) throws Exception;
  }

  /** One round: prepares, lets the crew {@link #make} its moves, and checks the result. */
  interface Round {
    void play(Crew crew, SplittableRandom random) throws Exception;
  }

  private Crew(ThreadFactory kind, int size) {
    for (int i = 0; i < size; i++) {
      members.add(new Member(i, kind));
    }
    members.forEach(member -> member.thread.start());
  }

  /** Plays rounds with a crew of some size; a failure reports the seed that repeats it. */
  static void play(ThreadFactory kind, int size, int normally, Round round) {
    String given = System.getProperty("holdfast.seed");
    long seed = given == null ? System.nanoTime() : Long.parseLong(given);
    int rounds = (int) Math.max(1, normally * FACTOR);
    long begun = System.nanoTime();
    try (var crew = new Crew(kind, size)) {
      for (int i = 0; i < rounds && System.nanoTime() - begun < BUDGET_NANOS; i++) {
        try {
          round.play(crew, new SplittableRandom(seed + i));
        } catch (Throwable t) {
          String why = "-Dholdfast.seed=" + (seed + i) + " begins with it. " + crew.state;
          throw new AssertionError("Round " + i + " failed; " + why, t);
        }
      }
    }
  }

  /** Makes the moves and returns when all are made. */
  void make(SplittableRandom random, List<Move> moves) {
    together = random.nextBoolean();
    arriving.set(moves.size());
    playing.set(moves.size());
    for (int i = 0; i < moves.size(); i++) {
      members.get(i).prepare(random.split(), moves.get(i));
    }
    for (int i = 0; i < moves.size(); i++) {
      members.get(i).begin();
    }
    await(() -> playing.get() == 0, "It hangs.");
    for (Member member : members.subList(0, moves.size())) {
      member.check();
    }
  }

  private void await(BooleanSupplier condition, String otherwise) {
    long begun = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - begun > HANGS_NANOS) {
        var hangs = new AssertionError(otherwise);
        for (Member member : members) {
          var where = new AssertionError("member " + member.index);
          where.setStackTrace(member.thread.getStackTrace());
          hangs.addSuppressed(where);
        }
        throw hangs;
      }
      LockSupport.parkNanos(this, 1_000_000);
    }
  }

  @Override
  public void close() {
    closed = true;
    members.forEach(member -> LockSupport.unpark(member.thread));
    Poll.until(() -> members.stream().noneMatch(member -> member.thread.isAlive()));
  }

  Member member(int index) {
    return members.get(index);
  }

  /** One of the threads. */
  final class Member {

    final int index;
    private final Thread thread;
    private int prepared;
    private volatile int toPlay;

    // State of the round, written by the owner before it and read by the owner after it.
    SplittableRandom random;
    private Move move;
    private Throwable thrown;

    /** Whether an operation has thrown an {@link InterruptedException}. */
    boolean interruptSeen;

    // The interrupts sent to it, and whether its flag was set afterwards.
    private final AtomicInteger interrupts = new AtomicInteger();
    private volatile boolean flag;

    private Member(int index, ThreadFactory kind) {
      this.index = index;
      this.thread = kind.newThread(this::run);
    }

    private void prepare(SplittableRandom random, Move move) {
      this.random = random;
      this.move = move;
      thrown = null;
      interruptSeen = false;
      flag = false;
      interrupts.set(0);
    }

    private void begin() {
      toPlay = ++prepared;
      LockSupport.unpark(thread);
    }

    private void run() {
      for (int round = 1; awaits(round); round++) {
        try {
          gather();
          move.make(this);
        } catch (Throwable t) {
          thrown = t;
        }
        if (playing.decrementAndGet() == 0) {
          LockSupport.unpark(owner);
        }
      }
    }

    private boolean awaits(int round) {
      while (toPlay < round && !closed) {
        if (Thread.interrupted()) {
          flag = true;
        }
        LockSupport.park(this);
      }
      return !closed;
    }

    private void gather() {
      arriving.decrementAndGet();
      for (int i = 0; together && i < 300 && arriving.get() > 0; i++) {
        Thread.onSpinWait();
      }
    }

    /**
     * Lets a random, mostly tiny amount of time pass. Now and then it parks: a virtual thread that
     * retries in a loop keeps its carrier.
     */
    void spin() {
      if (random.nextInt(32) == 0) {
        LockSupport.parkNanos(1);
        if (closed) {
          throw new IllegalStateException("the others hang");
        }
      }
      int turns = random.nextInt(random.nextInt(8) == 0 ? 400 : 12);
      for (int i = 0; i < turns; i++) {
        Thread.onSpinWait();
      }
    }

    void interrupt() {
      interrupts.incrementAndGet();
      thread.interrupt();
    }

    private void check() {
      if (thrown != null) {
        throw new AssertionError("member " + index + " threw", thrown);
      }
      if (interrupts.get() > 0) {
        await(() -> !thread.isInterrupted(), "Member " + index + " does not wait for a round.");
        await(() -> interruptSeen || flag, "Member " + index + " lost an interrupt.");
      } else if (interruptSeen) {
        throw new AssertionError("no thread interrupted member " + index);
      }
    }
  }
}
