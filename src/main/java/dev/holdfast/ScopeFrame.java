package dev.holdfast;

import dev.holdfast.jdk.JdkScope;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The life of one scope: its body on the owner's thread, its tasks, and how they end together. */
final class ScopeFrame extends Frame implements ThreadFactory {

  /*
   * A scope is decided once (Frame.verdict): it has COMPLETED, or was cancelled by the first of a
   * failure, its deadline, an interrupt of the owner, a call, or the frame around it. Whatever comes
   * second finds it decided and is kept in `failures`.
   *
   * COMPLETED is decided by whoever sees the last piece of work end: the owner coming out of the
   * body after the last task, or the last task after the body. Both first publish their own end and
   * then look for the other's (phase against ended), so one of them sees both. A deadline that
   * passes later, while the owner is still on its way to its processor, finds the result ready.
   *
   * The phases, all entered by the owner: BODY, ENDING (waits for tasks), CLOSING (resources; no
   * cancellation disturbs it), ENDED. From ENDING on the owner waits inside Holdfast and gets no
   * interrupt of ours. The JDK's scope is closed, so every thread gone, before CLOSING begins.
   */

  /** How the scope takes the failures of its tasks. */
  enum Policy {
    /** The first cancels the scope, and comes out as the cause of a ForkFailedException. */
    BLOCK,
    /** The first cancels the scope, and comes out itself. */
    AGGREGATE,
    /** The combinator on top decides what a failure means. */
    TOLERANT
  }

  private static final int BODY = 0;
  private static final int ENDING = 1;
  private static final int CLOSING = 2;
  private static final int ENDED = 3;

  private static final int NEVER = Integer.MAX_VALUE;

  private static final ThreadFactory VIRTUAL = Thread.ofVirtual().factory();

  private static final VarHandle ENDED_COUNT;
  private static final VarHandle EXITS;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      ENDED_COUNT = lookup.findVarHandle(ScopeFrame.class, "ended", int.class);
      EXITS = lookup.findVarHandle(ScopeFrame.class, "exits", Exits.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ScopeSpec spec;
  private final Policy policy;
  private final String name;
  private final Strand strand;
  private final Frame outer;
  private final Deadline deadline;
  private final Failures failures = new Failures();
  private final Children children = new Children();

  // Owner only, but for forked, which tasks read once the phase is ENDING.
  private final JdkScope jdk;
  private final @Nullable Expiry expiry;
  private @Nullable Child starting;
  private int forked;
  private @Nullable Queue<Thread> platformThreads;

  // Any thread.
  private volatile int phase = BODY;
  private volatile int ended;
  private volatile int wakeAt = NEVER;
  private volatile @Nullable Exits exits;
  private final @Nullable Unheard unheard;

  private ScopeFrame(ScopeSpec spec, Policy policy, String name, Strand strand) {
    this.spec = spec;
    this.policy = policy;
    this.name = name;
    this.strand = strand;
    this.outer = strand.top();
    Deadline around = outer.closing() ? Deadline.NONE : outer.deadline();
    Deadline own = spec.startDeadline();
    this.deadline = own.earliest(around);
    this.expiry = own != Deadline.NONE && deadline == own ? new Expiry(this) : null;
    this.unheard = spec.isIsolated() ? new Unheard() : null;
    this.jdk = JdkScope.open(name, this);
  }

  /**
   * Opens a scope on the current thread; {@link #end} must follow.
   *
   * @param code what runs in it, for the name of a scope without one
   */
  static ScopeFrame open(ScopeSpec spec, Policy policy, Object code) throws InterruptedException {
    StackProbe.ensureRoom();
    Strand strand = Strand.enter();
    strand.top().checkpoint();
    String given = spec.name();
    var scope = new ScopeFrame(spec, policy, given == null ? Names.of(code) : given, strand);
    boolean opened = false;
    try {
      strand.push(scope);
      scope.begin();
      opened = true;
    } finally {
      if (!opened) {
        scope.phase = ENDED;
        strand.pop(scope, true);
        scope.jdk.close();
      }
    }
    return scope;
  }

  private void begin() {
    // The frame around may have been cancelled before it knew of this one.
    Cancellation pending = outer.pending();
    if (pending != null) {
      cancel(pending.inherited());
    }
    if (expiry != null) {
      if (deadline.isExpired()) {
        expiry.ring();
      } else {
        Housekeeper.set(expiry, deadline.nanos());
      }
    }
  }

  // --- what the owner does in the body ---

  /** Waits until the limit allows another task. */
  void awaitSlot(int limit) throws InterruptedException {
    if (limit > 0 && forked - ended >= limit) {
      awaitEnded(forked - limit + 1, 0, "a free place among " + limit);
    }
  }

  /** Waits for the tasks forked so far. */
  void awaitForked() throws InterruptedException {
    if (ended == forked) {
      strand.top().checkpoint();
    } else {
      awaitEnded(forked, 0, "the tasks of " + label());
    }
  }

  /** {@return false if the time was up before that many tasks had ended} */
  boolean awaitEnded(int count, long nanos, Object blocker) throws InterruptedException {
    wakeAt = count;
    try {
      return strand.await(() -> ended >= count, nanos, blocker);
    } finally {
      wakeAt = NEVER;
    }
  }

  int nextNumber() {
    return forked + 1;
  }

  int forked() {
    return forked;
  }

  int ended() {
    return ended;
  }

  /** Starts a task, unless the scope was cancelled; in either case the task will end. */
  void start(Child child) {
    children.add(child, forked - ended);
    forked++;
    if (verdict() != null) {
      child.neverStarted();
      return;
    }
    starting = child;
    boolean started = false;
    try {
      jdk.fork(child);
      started = true;
    } finally {
      starting = null;
      if (!started) {
        child.neverStarted();
      }
    }
  }

  @Override
  public Thread newThread(Runnable task) {
    Child child = starting;
    if (child == null) {
      throw new IllegalStateException(label() + " starts its threads itself");
    }
    Thread thread;
    ThreadFactory factory = spec.factory();
    String threadName = child.threadName();
    if (factory != null) {
      thread = factory.newThread(task);
      if (thread == null) {
        throw new java.util.concurrent.RejectedExecutionException(
            label() + ": the thread factory gave no thread for " + child.label());
      }
      if (child.hasOwnName()) {
        thread.setName(threadName);
      }
    } else if (threadName.isEmpty()) {
      thread = VIRTUAL.newThread(task);
    } else {
      thread = Thread.ofVirtual().name(threadName).unstarted(task);
    }
    if (!thread.isVirtual()) {
      track(thread);
    }
    child.setThread(thread);
    return thread;
  }

  /** The JDK's scope lets go of a platform thread shortly before it has terminated. */
  private void track(Thread thread) {
    Queue<Thread> tracked = platformThreads;
    if (tracked == null) {
      platformThreads = tracked = new ConcurrentLinkedQueue<>();
    }
    tracked.removeIf(t -> t.getState() == Thread.State.TERMINATED);
    tracked.add(thread);
  }

  // --- what tasks and others do ---

  void childEnded() {
    int now = (int) ENDED_COUNT.getAndAdd(this, 1) + 1;
    if (phase == ENDING && now == forked) {
      decide(Cancellation.COMPLETED);
    }
    if (now >= wakeAt) {
      LockSupport.unpark(strand.thread());
    }
  }

  void failed(Child child, Throwable thrown) {
    if (unheard != null) {
      unheard.add(child);
    } else if (!cancel(Cancellation.failure(this, child, thrown))) {
      failures.add(thrown);
    }
  }

  void failedLate(Throwable thrown) {
    failures.addLate(thrown);
  }

  Failures failures() {
    return failures;
  }

  void onCancel(Runnable unblock) {
    if (!exits().addUnblock(unblock)) {
      unblock.run();
    } else if (cancellation() != null) {
      exits().unblock();
    }
  }

  Exits exits() {
    Exits existing = exits;
    if (existing != null) {
      return existing;
    }
    var created = new Exits(this);
    Exits witness = (Exits) EXITS.compareAndExchange(this, null, created);
    return witness == null ? created : witness;
  }

  ScopeClosedException closed() {
    return new ScopeClosedException(
        label() + " has ended; open a new scope, or do this before its call returns");
  }

  // --- the end ---

  /**
   * Ends the scope: waits for its tasks, closes its resources, leaves it. Throws what comes out of
   * the scope, declared or not; returns if the body's value may be returned.
   *
   * @param thrown what the body threw, or null
   */
  void end(@Nullable Throwable thrown) {
    boolean outside = false;
    try {
      if (thrown != null) {
        cancel(
            thrown instanceof InterruptedException interrupt
                ? Cancellation.interrupt(this, interrupt)
                : Cancellation.body(this, thrown));
      }
    } finally {
      strand.beginWait(this);
      phase = ENDING;
      if (ended == forked) {
        decide(Cancellation.COMPLETED);
      }
      outside = awaitThreads();
    }
    if (expiry != null) {
      Housekeeper.clear(expiry);
    }
    phase = CLOSING;
    outside |= Thread.interrupted();
    var closing = new Failures();
    if (exits != null) {
      exits().close(closing);
    }
    phase = ENDED;
    exits = null;
    stopNagging();
    Throwable out = outcome(thrown, closing);
    strand.pop(this, out instanceof InterruptedException);
    if (outside && !(out instanceof InterruptedException)) {
      Thread.currentThread().interrupt();
    }
    if (unheard != null) {
      unheard.report();
    }
    if (out != null) {
      throw Failures.<RuntimeException>sneaky(out);
    }
  }

  /** {@return whether an interrupt from outside came while waiting} */
  private boolean awaitThreads() {
    boolean outside = false;
    try {
      if (forked > 0) {
        jdk.join();
      }
    } catch (InterruptedException e) {
      outside = true;
      cancel(Cancellation.interrupt(this, e));
    }
    try {
      jdk.close();
    } catch (RuntimeException structureViolation) {
      failures.add(structureViolation);
    }
    outside |= Thread.interrupted();
    if (platformThreads != null) {
      for (Thread thread : platformThreads) {
        outside |= joinUninterruptibly(thread);
      }
    }
    if (cancellation() != null && exits != null) {
      exits().unblock();
      outside |= exits().awaitUnblocked();
    }
    return outside;
  }

  private static boolean joinUninterruptibly(Thread thread) {
    boolean interrupted = false;
    for (; ; ) {
      try {
        thread.join();
        return interrupted;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
  }

  /** {@return what comes out of the scope, with everything else that failed suppressed on it} */
  private @Nullable Throwable outcome(@Nullable Throwable thrown, Failures closing) {
    Cancellation why = cancellation();
    Throwable out = why == null ? thrown : outcome(why, thrown);
    if (thrown != null && thrown != out) {
      failures.addLate(thrown);
    }
    if (out == null) {
      // The body's value is there. Exceptions of tasks that were told to stop are not news; Errors
      // are, and so is a resource that could not be closed.
      Throwable failed = failures.firstError();
      if (failed != null && policy == Policy.TOLERANT) {
        Failures.report(Thread.currentThread(), failed);
        failed = null;
      }
      out = failed == null ? unchecked(closing.first()) : failed;
    } else {
      failures.suppressOn(out);
    }
    if (out != null) {
      closing.suppressOn(out);
    }
    return out;
  }

  private @Nullable Throwable unchecked(@Nullable Throwable failed) {
    return failed == null || failed instanceof RuntimeException || failed instanceof Error
        ? failed
        : new ScopeException(
            label() + " did its work but failed to end: " + Failures.describe(failed), failed);
  }

  private @Nullable Throwable outcome(Cancellation why, @Nullable Throwable thrown) {
    return switch (why.kind) {
      case COMPLETED, BODY -> thrown;
      case FAILURE -> forkFailed(why, thrown);
      case DEADLINE -> timedOut(why);
      case INTERRUPT -> thrown instanceof InterruptedException ? thrown : interrupted(why);
      case EXPLICIT -> thrown != null && Failures.isConsequence(thrown) ? why.exception() : thrown;
      case PARENT -> {
        if (thrown == null || Failures.isConsequence(thrown)) {
          yield thrown instanceof InterruptedException ? thrown : why.interruption();
        }
        yield thrown;
      }
    };
  }

  private Throwable forkFailed(Cancellation why, @Nullable Throwable thrown) {
    Throwable cause = why.cause;
    if (cause == null) {
      throw new AssertionError(why.reason());
    }
    if (policy == Policy.AGGREGATE) {
      return cause;
    }
    return thrown instanceof ForkFailedException && thrown.getCause() == cause
        ? thrown
        : new ForkFailedException(label() + " was ended because " + why.reason(), cause);
  }

  private ScopeTimeoutException timedOut(Cancellation why) {
    return new ScopeTimeoutException(
        label()
            + " did not finish within "
            + deadline.span()
            + why.running
            + "\nEverything in it was cancelled and has ended. Give it more time, or hand"
            + " Scopes.deadline() to what is slow.",
        deadline.span(),
        null);
  }

  private InterruptedException interrupted(Cancellation why) {
    var interrupted =
        new InterruptedException(
            label() + " was interrupted from outside; its tasks were cancelled and have ended");
    interrupted.initCause(why.exception());
    return interrupted;
  }

  /** {@return what runs now, for the exception that says so} */
  private String running() {
    var text = new StringBuilder();
    int[] count = {phase == BODY && policy == Policy.BLOCK ? 1 : 0};
    if (count[0] > 0) {
      text.append("\n  its body, on ").append(strand.label()).append(Stacks.of(strand.thread()));
    }
    forEachRunning(child -> {
      if (++count[0] <= 10) {
        text.append("\n  ").append(child.name()).append(", for ");
        text.append(child.ageNanos() / 1_000_000).append(" ms");
        text.append(Stacks.of(child.thread()));
      }
    });
    if (count[0] > 10) {
      text.append("\n  and ").append(count[0] - 10).append(" more");
    }
    return count[0] == 0 ? "" : "; still running were:" + text;
  }

  private static final class Expiry extends Housekeeper.Alarm {

    private final ScopeFrame scope;

    Expiry(ScopeFrame scope) {
      this.scope = scope;
    }

    @Override
    void ring() {
      if (scope.verdict() == null) {
        scope.cancel(Cancellation.deadline(scope.label(), scope.deadline.span(), scope.running()));
      }
    }
  }

  // --- the frame ---

  @Override
  void forEachBelow(Consumer<Frame> action) {
    super.forEachBelow(action);
    children.forEach(action);
  }

  @Override
  void onCancelled() {
    if (exits != null) {
      exits().unblock();
    }
  }

  @Override
  Strand strand() {
    return strand;
  }

  @Override
  Frame outer() {
    return outer;
  }

  @Override
  Deadline deadline() {
    return deadline;
  }

  String name() {
    return name;
  }

  boolean isNamed() {
    return spec.name() != null;
  }

  ScopeSpec spec() {
    return spec;
  }

  @Override
  String label() {
    return "Scope '" + name + "'";
  }

  @Override
  long graceNanos() {
    return spec.graceNanos();
  }

  boolean inBody() {
    return phase == BODY;
  }

  /** {@return whether the current thread runs in this scope or below it} */
  boolean isInside() {
    Frame frame = Strand.currentFrame();
    while (frame != null && frame != this) {
      Frame around = frame.outer();
      frame = around == null && frame instanceof Child child ? child.scope : around;
    }
    return frame == this;
  }

  @Override
  boolean closing() {
    return phase >= CLOSING;
  }

  @Override
  boolean hasEnded() {
    return phase == ENDED;
  }
}
