package dev.holdfast.internal.timer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.util.BargingLock;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * Tests {@code Alarm}, {@code BargingLock}, {@code BlockingAlarm}, {@code HelperThreads} and {@code
 * Submissions} as well.
 */
@LeavesNothing
class TimerThreadTest {

  private static final long HOUR_NANOS = 3_600_000_000_000L;

  private static final class Counting extends Alarm {

    private final AtomicInteger rings = new AtomicInteger();

    @Override
    public void ring() {
      rings.incrementAndGet();
    }
  }

  /** An alarm that throws the first few times. */
  private static final class Failing extends BlockingAlarm {

    private final Error failure;
    private final AtomicInteger tries = new AtomicInteger();

    Failing(Error failure) {
      this.failure = failure;
    }

    @Override
    public void expired() {
      if (tries.incrementAndGet() < 3) {
        throw failure;
      }
    }
  }

  @Test
  void an_alarm_that_ran_out_of_memory_rings_again() {
    var alarm = new Failing(new OutOfMemoryError("made up"));
    TimerThread.set(alarm, System.nanoTime());
    Poll.until(() -> alarm.tries.get() == 3);
  }

  @Test
  void an_alarm_that_ran_out_of_memory_on_the_timer_thread_rings_again() {
    var tries = new AtomicInteger();
    TimerThread.set(
        new Alarm() {
          @Override
          public void ring() {
            if (tries.incrementAndGet() < 3) {
              throw new OutOfMemoryError("made up");
            }
          }
        },
        System.nanoTime());
    Poll.until(() -> tries.get() == 3);
  }

  @Test
  void an_alarm_whose_action_has_a_bug_rings_again() {
    var alarm = new Failing(new AssertionError("made up"));
    TimerThread.set(alarm, System.nanoTime());
    Poll.until(() -> alarm.tries.get() == 3);
  }

  /** Without a wake-up it would be late by half of the longest sleep on average. */
  @Test
  void an_alarm_rings_in_time_though_a_later_one_was_set_first() {
    int all = 40;
    int late = 0;
    var later = new Counting();
    TimerThread.set(later, System.nanoTime() + HOUR_NANOS);
    try {
      for (int i = 0; i < all; i++) {
        LockSupport.parkNanos(3_000_000); // meanwhile the timer thread goes to sleep
        var alarm = new Counting();
        long due = System.nanoTime() + 50_000L * i;
        TimerThread.set(alarm, due);
        Poll.until(() -> alarm.rings.get() == 1);
        late += System.nanoTime() - due > 50_000_000 ? 1 : 0; // some are, on a busy machine
      }
    } finally {
      TimerThread.clear(later);
    }
    assertTrue(late < all / 2, late + " of " + all + " alarms were late");
  }

  @Test
  void what_is_due_rings_while_the_heap_cannot_grow() {
    var full = new AtomicBoolean(true);
    var refusals = new AtomicInteger();
    Poll.until(() -> !runs());
    TimerThread.heaps =
        () ->
            new AlarmHeap() {
              @Override
              HeapEntry[] grown(HeapEntry[] old) {
                if (full.get()) {
                  refusals.incrementAndGet();
                  throw new OutOfMemoryError("made up");
                }
                return super.grown(old);
              }
            };
    var near = new ArrayList<Counting>();
    var far = new ArrayList<Counting>();
    try {
      long soon = System.nanoTime() + 500_000_000L;
      for (int i = 0; i < 16; i++) { // as many as a new heap holds
        near.add(new Counting());
        TimerThread.set(near.get(i), soon);
      }
      Poll.until(() -> near.stream().allMatch(alarm -> alarm.index >= 0 || alarm.rings.get() == 1));
      for (int i = 0; i < 20; i++) {
        far.add(new Counting());
        TimerThread.set(far.get(i), System.nanoTime() + HOUR_NANOS);
      }
      Poll.until(() -> refusals.get() > 0);
      Poll.until(() -> near.stream().allMatch(alarm -> alarm.rings.get() == 1));
      full.set(false);
      Poll.until(() -> far.stream().allMatch(alarm -> alarm.index >= 0));
    } finally {
      full.set(false);
      TimerThread.heaps = AlarmHeap::new;
      near.forEach(TimerThread::clear);
      far.forEach(TimerThread::clear);
    }
  }

  @Test
  void alarms_that_block_delay_no_other() {
    var release = new CountDownLatch(1);
    var blocked = new AtomicInteger();
    try {
      for (int i = 0; i < 20; i++) {
        TimerThread.set(
            new BlockingAlarm() {
              @Override
              public void expired() {
                blocked.incrementAndGet();
                Blocked.stubbornly(release);
              }
            },
            System.nanoTime());
      }
      Poll.until(() -> blocked.get() == 20);
      var last = new Failing(new OutOfMemoryError("made up"));
      TimerThread.set(last, System.nanoTime());
      Poll.until(() -> last.tries.get() == 3);
    } finally {
      release.countDown();
    }
  }

  @Test
  void a_queue_whose_lock_is_held_delays_no_other_alarm() throws Exception {
    Pace.find(time -> {
      var rung = new AtomicInteger();
      var queue = new TimerQueue();
      long due = System.nanoTime() + time.toNanos();
      set(queue, rung, due);
      BargingLock lock = lockOf(queue);
      lock.lock();
      boolean inTime = System.nanoTime() - due < 0;
      try {
        var other = new Counting();
        TimerThread.set(other, due + 10_000_000);
        Poll.until(() -> other.rings.get() == 1);
        assertTrue(!inTime || rung.get() == 0, "it rang although its lock was held");
      } finally {
        lock.unlock();
      }
      Poll.until(() -> rung.get() == 1);
      queue.close();
      return inTime;
    });
  }

  private static BargingLock lockOf(TimerQueue queue) throws ReflectiveOperationException {
    Field field = TimerQueue.class.getDeclaredField("lock");
    field.setAccessible(true);
    return (BargingLock) field.get(queue);
  }

  private static void set(TimerQueue queue, AtomicInteger rung, long due) {
    queue.set(
        new TimerQueue.Timer() {
          @Override
          public long due() {
            return NEVER;
          }

          @Override
          public void ring() {
            rung.incrementAndGet();
          }

          @Override
          public void drop() {}
        },
        due);
  }

  @Test
  void an_interrupt_flag_that_an_action_leaves_does_not_reach_the_next() {
    for (int i = 0; i < 100; i++) {
      var flag = new AtomicReference<Boolean>();
      var group = new Object();
      TimerThread.run(
          inGroup(
              group,
              () -> {
                TimerThread.run(
                    inGroup(group, () -> flag.set(Thread.currentThread().isInterrupted())));
                Thread.currentThread().interrupt();
              }));
      Poll.until(() -> flag.get() != null);
      assertEquals(false, flag.get());
    }
  }

  private static BackgroundAction inGroup(Object group, Runnable code) {
    return new BackgroundAction() {
      @Override
      public void act() {
        code.run();
      }

      @Override
      public Object group() {
        return group;
      }
    };
  }

  @Test
  void cleared_alarms_do_not_pile_up() throws Exception {
    var first = new WeakReference<Alarm>(null);
    for (int i = 0; i < 100_000; i++) {
      var alarm = new Counting();
      TimerThread.set(alarm, System.nanoTime() + HOUR_NANOS);
      if (i % 2 == 0) {
        Thread.onSpinWait();
      }
      TimerThread.clear(alarm);
      if (i == 0) {
        first = new WeakReference<>(alarm);
      }
    }
    WeakReference<Alarm> reference = first;
    Poll.until(() -> {
      System.gc();
      return reference.get() == null;
    });
    assertEquals(0, TimerThread.alarms());
  }

  /** Code of an application that is redeployed: its class loader is to go. */
  public static final class Application implements Runnable {

    private final Alarm alarm;

    public Application(Object alarm) {
      this.alarm = (Alarm) alarm;
    }

    @Override
    public void run() {
      TimerThread.set(alarm, System.nanoTime() + HOUR_NANOS);
    }
  }

  private static final class ApplicationLoader extends ClassLoader {

    ApplicationLoader() {
      super(TimerThreadTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.equals(Application.class.getName())) {
        return super.loadClass(name, resolve);
      }
      Class<?> loaded = findLoadedClass(name);
      if (loaded != null) {
        return loaded;
      }
      try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (java.io.IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  private static WeakReference<ClassLoader> startInAnApplication(Alarm alarm) throws Exception {
    var loader = new ApplicationLoader();
    var code =
        (Runnable)
            loader
                .loadClass(Application.class.getName())
                .getConstructor(Object.class)
                .newInstance(alarm);
    var failure = new AtomicReference<Throwable>();
    Thread thread = new Thread(new ThreadGroup("application"), code, "application", 0, false);
    thread.setUncaughtExceptionHandler((t, e) -> failure.set(e));
    thread.setContextClassLoader(loader);
    thread.start();
    thread.join();
    assertNull(failure.get());
    return new WeakReference<>(loader);
  }

  private static boolean runs() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals("holdfast-housekeeper"));
  }

  @Test
  void the_thread_keeps_no_class_loader_of_the_code_that_needed_it_first() throws Exception {
    Poll.until(() -> !runs());
    var alarm = new Counting();
    WeakReference<ClassLoader> loader = startInAnApplication(alarm);
    assertTrue(runs());
    Poll.until(() -> {
      System.gc();
      return loader.get() == null;
    });
    assertTrue(runs());
    TimerThread.clear(alarm);
  }
}
