package dev.holdfast.testing;

import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.timer.TimerThread;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves a thread in a scope, an alarm set, or the interrupt flag of its own
 * thread set. {@link dev.holdfast.junit.LeakFree} checks threads and scopes in every test; this
 * checks the state that only the library has.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(LeavesNothing.Check.class)
public @interface LeavesNothing {

  /** The check itself. */
  final class Check implements BeforeEachCallback, AfterEachCallback {

    public Check() {}

    @Override
    public void beforeEach(ExtensionContext context) {
      verify("before");
    }

    @Override
    public void afterEach(ExtensionContext context) {
      verify("after");
    }

    /** Polls: a thread outside the scope may still be leaving it. */
    private static void verify(String when) {
      assertFalse(Thread.interrupted(), when + " the test its thread was interrupted");
      Poll.until(
          () -> ThreadScope.count() == 0 && TimerThread.alarms() == 0,
          () ->
              "%s the test %d threads are in a scope and %d alarms are set"
                  .formatted(when, ThreadScope.count(), TimerThread.alarms()));
    }
  }
}
