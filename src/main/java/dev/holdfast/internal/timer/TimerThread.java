package dev.holdfast.internal.timer;

import dev.holdfast.internal.clock.LateStart;
import dev.holdfast.internal.clock.Simulator;
import dev.holdfast.internal.util.BargingLock;
import dev.holdfast.internal.util.DaemonThreads;
import dev.holdfast.internal.util.Throwables;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The thread that rings alarms: a platform thread, so that deadlines take effect even while user
 * code holds every carrier. It starts with the first alarm and ends after a second without one.
 */
public final class TimerThread implements Runnable {

  /*
   * The timer thread never waits for another thread: it takes no lock, and passes actions that may
   * block to helper threads (BlockingAlarm, BackgroundAction). A virtual thread that lost its
   * carrier while it held a lock would otherwise stop every deadline of the JVM, including the
   * deadline of the task that holds the carrier.
   *
   * So only the timer thread touches the heap. Any thread sets or clears an alarm by writing its
   * `due`, and submits it unless it is submitted already; the timer thread then moves the alarm to
   * the place in the heap for `due`. An alarm that is due rings if a compare-and-set finds `due`
   * unchanged since the heap was updated, so the latest write decides. A scope whose deadline does
   * not pass costs one push: its clear finds the alarm still submitted.
   *
   * Setting an alarm wakes the thread only if it would otherwise sleep past it, which is rare for
   * timeouts longer than its longest sleep. Clearing an alarm does not wake the thread, which
   * removes the alarm when it next processes the submissions.
   *
   * No wake-up, start or end gets lost, always for the same reason: the submitting thread submits
   * and then reads `parked` or CURRENT; the timer thread writes that field and then reads the
   * submissions.
   *
   * No alarm is lost when memory or threads run out. Alarms taken from the submissions stay in
   * `taken` until they are in the heap. An alarm that could not ring is set again. If the timer
   * thread cannot be started, a virtual thread tries again, and so do threads that park
   * (LateStart).
   */

  /** How long a background thread without work lives. */
  static final long IDLE_NANOS = 1_000_000_000L;

  private static final long LONGEST_SLEEP_NANOS = IDLE_NANOS / 4;
  private static final long RETRY_NANOS = 10_000_000L;
  private static final long PATIENCE_NANOS = 500_000_000L;

  /** How many submissions are processed before the due alarms ring. */
  private static final int BATCH = 1024;

  // Any thread.
  private static final Submissions SUBMISSIONS = new Submissions();
  private static final AtomicReference<@Nullable TimerThread> CURRENT = new AtomicReference<>();
  private static final Runnable START = TimerThread::startIfNeeded;

  /** When the virtual thread that starts the timer thread last ran; 0 if there is none. */
  private static final AtomicLong STARTER_RAN = new AtomicLong();

  /** Wakes the thread to check whether the helper threads make progress. */
  private static final Alarm LOOK =
      new Alarm() {
        @Override
        public void ring() {}
      };

  /** Replaced by tests. */
  static volatile Supplier<AlarmHeap> heaps = AlarmHeap::new;

  /** How many alarms are set. */
  private static final AtomicInteger ALARMS = new AtomicInteger();

  private final Thread thread = DaemonThreads.make("holdfast-housekeeper", this);

  /**
   * Whether the timer thread sleeps, until {@link #wakesAt}. It writes both; a thread that wakes it
   * clears this flag.
   */
  private volatile boolean parked;

  private volatile long wakesAt;

  // Timer thread only.
  private final AlarmHeap heap = heaps.get();
  private @Nullable Alarm taken;
  private long lastUsed;
  private long lookedAtHelpers;

  private TimerThread() {}

  /** Sets an alarm, or moves one that is set. Does not block. */
  public static void set(Alarm alarm, long atNanos) {
    Simulator simulator = Simulator.current();
    if (simulator != null) {
      if (!alarm.isBackground()) { // a simulation needs no maintenance
        simulator.setAlarm(alarm, atNanos, alarm::ring);
      }
      return;
    }
    long due = atNanos == Alarm.UNSET ? atNanos + 1 : atNanos;
    if (alarm.replaceDue(due) == Alarm.UNSET) {
      ALARMS.incrementAndGet();
    }
    boolean many = alarm.beginSubmit() && SUBMISSIONS.push(alarm);
    TimerThread running = CURRENT.get();
    if (running == null) {
      start();
    } else if (running.parked && (many || alarm.due() - running.wakesAt < 0)) {
      // Not `due`: another thread may have set an earlier time while this one was submitting.
      running.wake();
    }
  }

  /**
   * Clears an alarm; an alarm that is already ringing is not stopped. Does not block.
   *
   * @return whether it was set, so that it may be set for something else; false in a simulation
   */
  public static boolean clear(Alarm alarm) {
    Simulator simulator = Simulator.current();
    if (simulator != null) {
      simulator.clearAlarm(alarm);
      return false;
    }
    if (alarm.replaceDue(Alarm.UNSET) == Alarm.UNSET) {
      return false;
    }
    ALARMS.decrementAndGet();
    boolean many = alarm.beginSubmit() && SUBMISSIONS.push(alarm);
    TimerThread running = CURRENT.get();
    if (running == null) {
      start(); // no thread could be started when the alarm was set; a new one releases it
    } else if (many) {
      running.wake();
    }
    return true;
  }

  /** Runs an action soon, on a helper thread. Does not block. */
  public static void run(BackgroundAction action) {
    Simulator simulator = Simulator.current();
    if (simulator != null) {
      simulator.execute(action);
      return;
    }
    // Not as an alarm: a million of them would stand before the next deadline in the heap.
    HelperThreads.ACTIONS.execute(action);
    if (HelperThreads.areBehind()) {
      set(LOOK, System.nanoTime() + HelperThreads.LOOK_NANOS);
    }
  }

  /** {@return how many alarms are set} */
  public static int alarms() {
    Simulator simulator = Simulator.current();
    return simulator == null ? ALARMS.get() : simulator.alarms();
  }

  private void wake() {
    parked = false; // one wake-up is enough
    LockSupport.unpark(thread);
  }

  private static void start() {
    try {
      var fresh = new TimerThread();
      DaemonThreads.startAsCurrent(CURRENT, fresh, fresh.thread);
      LateStart.ended();
    } catch (OutOfMemoryError noThread) {
      LateStart.failed(START);
      startLater();
    }
  }

  private static boolean isNeeded() {
    return CURRENT.get() == null && !SUBMISSIONS.isEmpty();
  }

  private static void startIfNeeded() {
    if (isNeeded()) {
      start();
      return;
    }
    LateStart.ended();
    if (isNeeded()) { // another start has failed meanwhile
      LateStart.failed(START);
    }
  }

  /**
   * Waits until the timer thread has started, if its start has failed and no other thread repeats
   * it. Otherwise no thread might ring the alarm that the current thread has set while that thread
   * runs user code.
   *
   * @param until when to give up at the latest
   * @return whether the timer thread has started, or another thread will start it
   */
  public static boolean awaitStart(long until) {
    if (isStarted() || Simulator.current() != null) {
      return true;
    }
    long longest = System.nanoTime() + PATIENCE_NANOS;
    long end = until - longest < 0 ? until : longest;
    while (!isStarted()) {
      if (System.nanoTime() - end < 0 || CURRENT.get() != null) { // another thread starts it
        LateStart.attempt();
        BargingLock.pause(SUBMISSIONS);
      } else {
        startIfNeeded(); // on a busy machine the last attempt may have been long ago
        return isStarted();
      }
    }
    return true;
  }

  private static boolean isStarted() {
    TimerThread running = CURRENT.get();
    boolean runs = running == null ? SUBMISSIONS.isEmpty() : running.thread.isAlive();
    return runs || isStarterRunning(STARTER_RAN.get());
  }

  /** The JDK may lose a virtual thread that sleeps if it has no thread to wake it. */
  private static boolean isStarterRunning(long ran) {
    return ran != 0 && System.nanoTime() - ran < IDLE_NANOS;
  }

  /**
   * Tries again to start the timer thread, from a virtual thread, which needs no thread of the
   * operating system if there are carriers.
   */
  private static void startLater() {
    long ran = STARTER_RAN.get();
    if (isStarterRunning(ran) || !STARTER_RAN.compareAndSet(ran, System.nanoTime() | 1)) {
      return;
    }
    boolean started = false;
    try {
      DaemonThreads.starter.accept(
          Thread.ofVirtual()
              .name("holdfast-housekeeper-starter")
              .inheritInheritableThreadLocals(false)
              .unstarted(TimerThread::startWhenPossible));
      started = true;
    } catch (OutOfMemoryError e) {
      // threads that park try again
    } finally {
      if (!started) {
        STARTER_RAN.set(0);
      }
    }
  }

  private static void startWhenPossible() {
    try {
      while (isNeeded()) {
        STARTER_RAN.set(System.nanoTime() | 1);
        pause();
        startIfNeeded();
      }
    } finally {
      STARTER_RAN.set(0);
    }
    startIfNeeded(); // no other thread started it while this one ran
  }

  @SuppressWarnings("ThreadPriorityCheck")
  private static void pause() {
    try {
      LockSupport.parkNanos(RETRY_NANOS);
    } catch (OutOfMemoryError e) { // the JDK may need a thread to wake this one
      Thread.yield();
    }
  }

  @Override
  public void run() {
    lastUsed = System.nanoTime();
    while (!isOver()) {
      try {
        turn();
      } catch (Throwable t) { // out of memory, most likely
        LockSupport.parkNanos(this, RETRY_NANOS);
      }
    }
  }

  /** Rings the due alarms, or sleeps. */
  private void turn() {
    boolean used = takeSubmissions();
    long now = System.nanoTime();
    if (used) {
      lastUsed = now;
    }
    lookAtHelpers(now);
    if (ringFirst(now)) {
      return;
    }
    if (taken != null) {
      if (heap.isFull()) { // it could not grow
        LockSupport.parkNanos(this, RETRY_NANOS);
      }
      return;
    }
    HeapEntry first = heap.first();
    long sleep = LONGEST_SLEEP_NANOS;
    if (first != null) {
      sleep = Math.min(sleep, first.at - now);
    }
    if (HelperThreads.areBehind()) {
      sleep = Math.min(sleep, HelperThreads.LOOK_NANOS);
    }
    wakesAt = now + sleep;
    parked = true;
    if (SUBMISSIONS.isEmpty()) {
      LockSupport.parkNanos(this, sleep);
      Thread.interrupted(); // this thread cannot sleep while the flag is set
    }
    parked = false;
  }

  private void lookAtHelpers(long now) {
    if (!HelperThreads.areBehind()) {
      lookedAtHelpers = now;
    } else if (now - lookedAtHelpers >= HelperThreads.LOOK_NANOS) {
      lookedAtHelpers = now;
      HelperThreads.lookAtAll();
    }
  }

  /** Moves submitted alarms to their places in the heap; {@return whether there were any} */
  private boolean takeSubmissions() {
    if (taken == null) {
      taken = SUBMISSIONS.takeAll();
    }
    boolean any = taken != null;
    Alarm alarm;
    for (int i = 0; i < BATCH && (alarm = taken) != null; i++) {
      try {
        if (alarm.index < 0) {
          heap.ensureRoom(); // the only statement that can fail
        }
      } catch (OutOfMemoryError e) {
        return any; // the alarms in the heap still ring, and make room
      }
      taken = alarm.next;
      alarm.next = null;
      alarm.endSubmit();
      long due = alarm.due();
      if (due == Alarm.UNSET) {
        heap.remove(alarm);
      } else {
        heap.set(alarm, due);
      }
    }
    return any;
  }

  /** {@return whether an alarm was due} */
  private boolean ringFirst(long now) {
    Alarm alarm = (Alarm) heap.first();
    if (alarm == null || alarm.at - now > 0) {
      return false;
    }
    heap.remove(alarm);
    lastUsed = now;
    if (alarm.expire(alarm.at)) { // or else it was submitted again
      ALARMS.decrementAndGet();
      try {
        alarm.ring();
      } catch (Throwable t) {
        set(alarm, now + RETRY_NANOS);
        throw t;
      }
    }
    return true;
  }

  /** {@return whether the thread has been idle long enough to end; a new one may then start} */
  private boolean isOver() {
    if (System.nanoTime() - lastUsed < IDLE_NANOS || !isIdle()) {
      return false;
    }
    CURRENT.set(null);
    return SUBMISSIONS.isEmpty() || !CURRENT.compareAndSet(null, this);
  }

  private boolean isIdle() {
    return taken == null && heap.size() == 0 && SUBMISSIONS.isEmpty() && !HelperThreads.areBehind();
  }

  /** Reports a failure of the library's own code, on a thread that may block in a logger. */
  static void report(Throwable thrown) {
    run(
        new BackgroundAction() {
          @Override
          public void act() {
            Throwables.report(Thread.currentThread(), thrown);
          }
        });
  }
}
