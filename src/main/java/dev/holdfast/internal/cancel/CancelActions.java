package dev.holdfast.internal.cancel;

import dev.holdfast.Action;
import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.scheduling.DeepParking;
import dev.holdfast.internal.scheduling.Wakeups;
import dev.holdfast.internal.timer.BlockingAlarm;
import dev.holdfast.internal.timer.TimerThread;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The actions that run when a scope is cancelled, each once and on a thread of its own. */
public final class CancelActions {

  /*
   * The actions run before the interrupts. An interrupt closes the socket on which a virtual thread
   * blocks, and then a driver cannot cancel its statement. So a cancelled scope with actions holds
   * back all interrupts inside it. It sends them PAUSE_NANOS after its actions have ended, so that
   * the unblocked calls can return first. It holds them back for HOLD_NANOS at most, because an
   * action may hang. Joins and waits for a limit end at once, because Holdfast unparks their
   * threads instead of interrupting them.
   *
   * There is no lock, so that the timer thread never waits. Actions form a list to which any thread
   * in the scope may add. Each is WAITING, then STARTED by one compare-and-set, then ENDED. A
   * cancelling thread first sets the decision of the scope and then starts the actions in the list.
   * A thread that adds an action first puts it into the list and then reads the decision. So one of
   * the two starts the action.
   */

  /** The longest time for which running actions hold back interrupts. */
  static final long HOLD_NANOS = 500_000_000L;

  /** How long interrupts are held back after the actions have ended. */
  static final long PAUSE_NANOS = 10_000_000L;

  private static final VarHandle STATE;

  private static final int WAITING = 0;
  private static final int STARTED = 1;
  private static final int ENDED = 2;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(Entry.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final CancelScope scope;
  private final String method;
  private final Consumer<Throwable> failures;
  private final AtomicReference<@Nullable Entry> last = new AtomicReference<>();
  private final Release release = new Release();
  private volatile boolean holding = true;
  private volatile boolean closed;

  /** The latest time to send the interrupts; 0 before the first action has started. */
  private final AtomicLong holdUntil = new AtomicLong();

  // A counter, because searching the list at the end of each action would take quadratic time.
  private final AtomicInteger notEnded = new AtomicInteger();
  private final AtomicInteger running = new AtomicInteger();

  /**
   * Creates an empty list.
   *
   * @param scope the scope whose cancellation starts the actions
   * @param method the method that adds them, for messages
   * @param failures takes the exceptions of the actions
   */
  public CancelActions(CancelScope scope, String method, Consumer<Throwable> failures) {
    this.scope = scope;
    this.method = method;
    this.failures = failures;
  }

  /**
   * Adds an action. If the actions have already been started, the new one runs at once, and this
   * method returns when it has ended.
   *
   * @return why the scope is cancelled, or null if it is not
   */
  public @Nullable Cancellation add(Action action) {
    var entry = new Entry(action);
    notEnded.incrementAndGet();
    do {
      entry.next = last.get();
    } while (!last.compareAndSet(entry.next, entry));
    // Read once: a thread that cancels the scope after this read finds the action in the list.
    Cancellation why = scope.cancellation();
    if (why != null || scope.runsActions()) {
      ThreadScope here = ThreadScope.enter();
      String what = "an " + method + " action of " + scope.label();
      run(
          () -> here.awaitAnyway(() -> entry.state != STARTED, what),
          () -> entry.state == WAITING && !closed);
    }
    return why;
  }

  /**
   * Starts the actions that have not been started; may be called again at any time. If there is no
   * memory or no thread for one, the next call tries again.
   */
  public void start() {
    for (Entry entry = last.get(); entry != null; entry = entry.next) {
      if (entry.state == WAITING) {
        try {
          start(entry);
        } catch (OutOfMemoryError e) {
          // it is WAITING again
        }
      }
    }
  }

  /**
   * Starts the actions that have not been started, and waits until they have ended. Owner only.
   *
   * @throws OutOfMemoryError if there was no memory or no thread for one
   */
  public void run() {
    run(this::awaitEnd, this::isAnyWaiting);
  }

  /** Starts the actions, and tries for HOLD_NANOS to start those that are left. */
  private void run(Runnable await, BooleanSupplier isAnyLeft) {
    long until = Clock.nanoTime() + HOLD_NANOS;
    for (; ; ) {
      start();
      await.run();
      if (!isAnyLeft.getAsBoolean()) {
        return;
      }
      if (Clock.nanoTime() - until >= 0) {
        throw new OutOfMemoryError(
            "An "
                + method
                + " action of "
                + scope.label()
                + " did not run, because there was no memory or no thread for it");
      }
      DeepParking.pause();
    }
  }

  private boolean isAnyWaiting() {
    for (Entry entry = last.get(); entry != null; entry = entry.next) {
      if (entry.state == WAITING) {
        return true;
      }
    }
    return false;
  }

  private void start(Entry entry) {
    // Counts the action before claiming it. Otherwise the owner, which waits until none is running,
    // could miss an action that another thread has claimed but not yet started.
    running.incrementAndGet();
    if (closed || !STATE.compareAndSet(entry, WAITING, STARTED)) {
      notRunning();
      return;
    }
    boolean started = false;
    try {
      if (holding) {
        holdUntil.compareAndSet(0, (Clock.nanoTime() + HOLD_NANOS) | 1);
        TimerThread.set(release, holdUntil.get());
      }
      TimerThread.run(entry);
      started = true;
    } finally {
      if (!started) {
        entry.notStarted(); // out of memory
      }
    }
  }

  private void notRunning() {
    running.decrementAndGet();
    Wakeups.unpark(scope.threadScope().thread());
  }

  /** {@return whether a cancelled scope must hold back its interrupts} */
  boolean isHolding() {
    return holding && last.get() != null;
  }

  /** {@return whether an action is running} */
  public boolean isRunning() {
    return running.get() > 0;
  }

  /** {@return the thread of an action that runs, or null} */
  public @Nullable Thread runner() {
    for (Entry entry = last.get(); entry != null; entry = entry.next) {
      Thread runner = entry.runner();
      if (runner != null) {
        return runner;
      }
    }
    return null;
  }

  /** {@return whether one of the actions runs on the given thread} */
  boolean runsOn(Thread thread) {
    for (Entry entry = last.get(); entry != null; entry = entry.next) {
      if (entry.runner() == thread) {
        return true;
      }
    }
    return false;
  }

  /**
   * {@return whether the current thread runs on behalf of an action for which the given scope
   * waits: an action of that scope, or of a scope below it}
   */
  public static boolean isRunningFor(CancelScope scope) {
    if (!CancelAction.any()) {
      return false;
    }
    var threads = new ArrayList<Thread>();
    threads.add(Thread.currentThread());
    for (CancelScope s = ThreadScope.currentScope(); s != null; s = s.parent()) {
      Thread around = s.threadScope().thread();
      if (around != null) {
        threads.add(around);
      }
    }
    boolean[] found = {false};
    scope.forEach(below -> found[0] |= threads.stream().anyMatch(below::runsActionOn));
    return found[0];
  }

  /** Waits until every action that was started has ended. Owner only. */
  public void awaitEnd() {
    scope
        .threadScope()
        .awaitAnyway(() -> !isRunning(), "the " + method + " actions of " + scope.label());
  }

  /** Starts no more actions, and waits until those that were started have ended. Owner only. */
  public void finish() {
    closed = true; // before reading `running`; a thread that starts an action does the reverse
    awaitEnd();
    close();
  }

  /** Called when the scope has ended. */
  public void close() {
    holding = false;
    TimerThread.clear(release);
  }

  /** Sends the interrupts that were held back. */
  private final class Release extends BlockingAlarm {
    @Override
    public void expired() {
      holding = false;
      scope.propagate();
    }
  }

  private final class Entry extends CancelAction {

    private final Thread registrant = Thread.currentThread();
    private @Nullable Entry next;
    private volatile int state = WAITING;

    Entry(Action action) {
      super(action);
    }

    @Override
    public Object group() {
      return scope;
    }

    @Override
    void notStarted() {
      state = WAITING;
      Wakeups.unpark(registrant);
      notRunning();
    }

    @Override
    void failed(Throwable thrown) {
      failures.accept(thrown);
    }

    @Override
    void ended() {
      state = ENDED;
      running.decrementAndGet();
      if (notEnded.decrementAndGet() == 0 && holding) {
        long pause = Clock.nanoTime() + PAUSE_NANOS;
        long latest = holdUntil.get();
        TimerThread.set(release, pause - latest < 0 ? pause : latest);
        if (!holding) {
          TimerThread.clear(release); // the scope may have ended before the alarm was set
        }
      }
      Wakeups.unpark(registrant);
      Wakeups.unpark(scope.threadScope().thread());
    }
  }
}
