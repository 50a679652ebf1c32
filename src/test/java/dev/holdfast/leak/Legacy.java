package dev.holdfast.leak;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.testing.Poll;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Runs copies of a structure on threads without a scope and finds the threads left behind. Closing
 * it ends those threads, so the structure leaks but the test does not.
 */
final class Legacy implements AutoCloseable {

  /** One copy of the structure; starts its other threads. */
  interface Kernel {
    void run(Legacy copy) throws Exception;
  }

  /** A number of threads of one role that are blocked in one call. */
  record Stuck(String role, int number, String call) {}

  private final long seed = Jitter.newSeed();
  private final Jitter jitter = new Jitter(seed);
  private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
  private final Queue<Code> releases = new ConcurrentLinkedQueue<>();
  private final Queue<Throwable> died = new ConcurrentLinkedQueue<>();

  private Legacy() {}

  /** Starts the copies, each on a thread with the role "parent". */
  static Legacy copies(int number, Kernel kernel) {
    var legacy = new Legacy();
    for (int i = 0; i < number; i++) {
      legacy.start("parent", () -> kernel.run(legacy));
    }
    return legacy;
  }

  static Legacy copies(Kernel kernel) {
    return copies(Copies.NUMBER, kernel);
  }

  static Stuck stuck(String role, int number, String call) {
    return new Stuck(role, number, call);
  }

  static Stuck stuck(String role, String call) {
    return stuck(role, Copies.NUMBER, call);
  }

  /** Starts a thread and watches it. */
  Thread start(String role, Code code) {
    Thread thread =
        Thread.ofVirtual()
            .name(role)
            .unstarted(() -> {
              try {
                jitter.pass();
                code.run();
              } catch (InterruptedException freed) {
                // by close()
              } catch (Throwable t) {
                died.add(t);
              }
            });
    watch(thread);
    thread.start();
    return thread;
  }

  /** Watches a thread that other code created; its name must be its role. */
  void watch(Thread thread) {
    threads.add(thread);
  }

  /** Registers code for {@link #close} that frees a thread which ignores interrupts. */
  void release(Code release) {
    releases.add(release);
  }

  /** Asserts that exactly these threads are left, and waits for that. */
  void leaves(Stuck... expected) {
    var wanted = new TreeMap<String, Integer>();
    for (Stuck stuck : expected) {
      wanted.put(stuck.role + " in " + stuck.call, stuck.number);
    }
    List<Stuck> places = List.of(expected);
    Poll.until(() -> left(places).equals(wanted));
    var left = left(places); // again: a thread inspected late may have freed one inspected early
    if (!left.equals(wanted)) {
      String text = "expected " + wanted + ", but left are " + left;
      var wrong = new AssertionError(text + "; -Dholdfast.seed=" + seed);
      died.forEach(wrong::addSuppressed);
      throw wrong;
    }
  }

  private Map<String, Integer> left(List<Stuck> places) {
    var left = new TreeMap<String, Integer>();
    for (Thread thread : threads) {
      if (thread.isAlive()) {
        left.merge(place(thread, places), 1, Integer::sum);
      }
    }
    return left;
  }

  private static String place(Thread thread, List<Stuck> places) {
    String role = thread.getName();
    Thread.State state = thread.getState();
    if (state == Thread.State.RUNNABLE) {
      return role + " running";
    }
    for (Stuck place : places) {
      if (place.role.equals(role) && isIn(thread, place.call)) {
        return role + " in " + place.call;
      }
    }
    return role + " elsewhere, " + state;
  }

  private static boolean isIn(Thread thread, String call) {
    return Arrays.stream(thread.getStackTrace())
        .anyMatch(f -> ("." + f.getClassName() + "." + f.getMethodName()).endsWith(call));
  }

  /** {@return true in about half of all calls} */
  boolean toss() {
    return jitter.toss();
  }

  /** {@return the exceptions that ended threads} */
  List<Throwable> died() {
    return List.copyOf(died);
  }

  @Override
  public void close() {
    for (Code release : releases) {
      try {
        release.run();
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
    threads.forEach(Thread::interrupt);
    Poll.until(() -> threads.stream().noneMatch(Thread::isAlive));
    assertEquals(
        List.of(),
        threads.stream().filter(Thread::isAlive).toList(),
        "threads still alive after close");
  }
}
