package dev.holdfast.leak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ScopeAction;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Records which tasks of one copy have started and ended. */
final class Trace {

  private record Visit(String role, Thread thread, AtomicInteger finals) {}

  private final int number;
  private final Jitter jitter;
  private final Queue<Visit> visits = new ConcurrentLinkedQueue<>();

  Trace(int number, long seed) {
    this.number = number;
    jitter = new Jitter(seed);
  }

  /** {@return the number of this copy, from 0} */
  int number() {
    return number;
  }

  void jitter() {
    jitter.pass();
  }

  /** {@return true in about half of all calls} */
  boolean toss() {
    return jitter.toss();
  }

  /** Runs the code of a task and records its start and its {@code finally}. */
  void visit(String role, Code code) throws Exception {
    var visit = new Visit(role, Thread.currentThread(), new AtomicInteger());
    visits.add(visit);
    try {
      jitter.pass();
      code.run();
    } finally {
      visit.finals.incrementAndGet();
    }
  }

  /** {@return a visit as a {@link Runnable}} */
  Runnable task(String role, Code code) {
    return () -> {
      try {
        visit(role, code);
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    };
  }

  /** {@return a factory whose threads are visits, for tasks that run library code} */
  ThreadFactory threads(String role) {
    return run -> Thread.ofVirtual().name(role).unstarted(task(role, run::run));
  }

  /** {@return how many tasks of this role have started} */
  long begun(String role) {
    return visits.stream().filter(visit -> visit.role.equals(role)).count();
  }

  /** Waits until all live tasks of this role, at least one, are blocked. */
  void awaitBlocked(String role) {
    Poll.until(() -> !alive(role).isEmpty(), () -> role + " has not begun, or has ended");
    alive(role).forEach(Poll::untilBlocked);
  }

  private List<Thread> alive(String role) {
    return visits.stream()
        .filter(visit -> visit.role.equals(role))
        .map(visit -> visit.thread)
        .filter(Thread::isAlive)
        .toList();
  }

  /** Waits until a task of this role is blocked in this call. */
  void awaitIn(Blocked blocked) {
    Poll.until(() -> visits.stream().anyMatch(v -> v.role.equals(blocked.who) && isIn(v, blocked)));
  }

  private static boolean isIn(Visit visit, Blocked blocked) {
    return visit.thread.getState() == Thread.State.WAITING
        && Stream.of(visit.thread.getStackTrace())
            .anyMatch(frame -> frame.toString().contains(blocked.call));
  }

  /** Asserts, when the scope's call has returned, that every task has already ended. */
  void assertAllEnded() {
    for (Visit visit : visits) {
      assertEquals(1, visit.finals.get(), () -> "runs of finally in " + visit.role);
      assertFalse(
          visit.thread != Thread.currentThread() && visit.thread.isAlive(),
          () -> visit.role + " outlived its scope");
    }
  }

  /** A task and the call it was blocked in at the deadline. */
  record Blocked(String who, String call) {}

  static Blocked blocked(String who, String call) {
    return new Blocked(who, call);
  }

  /** Asserts that a structure ends at its deadline and that the exception names blocked tasks. */
  void assertTimesOut(ScopeAction<Exception> structure, Blocked... blocked) {
    for (int millis = 400; ; millis *= 4) {
      Duration time = Duration.ofMillis(millis);
      var e = assertThrows(ScopeTimeoutException.class, () -> Scopes.timeout(time).run(structure));
      assertAllEnded();
      List<Blocked> missing = Stream.of(blocked).filter(b -> !names(e.toString(), b)).toList();
      if (missing.isEmpty()) {
        return;
      }
      // On a slow machine the deadline may pass before all 200 copies are blocked.
      assertTrue(millis < 5000, () -> missing + " are not in: " + e.toString());
    }
  }

  /** {@return whether the message shows the call in the stack of the task} */
  private static boolean names(String message, Blocked blocked) {
    boolean named = false;
    for (String line : message.split("\n", -1)) {
      if (!line.startsWith("      at ")) {
        named = line.startsWith("  " + blocked.who);
      } else if (named && line.contains(blocked.call)) {
        return true;
      }
    }
    return false;
  }
}
