package dev.holdfast.internal.root;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class FailureObserversTest {

  private final FailureObservers observers = new FailureObservers();

  @Test
  void a_failure_that_no_call_throws_is_taken_once() {
    assertTrue(observers.takeUnobserved());
    assertFalse(observers.takeUnobserved());
  }

  @Test
  void the_first_call_that_observes_a_failure_throws_it() {
    assertTrue(observers.observe());
    assertFalse(observers.observe());
    assertFalse(observers.takeUnobserved());
  }

  @Test
  void a_failure_is_not_taken_while_a_call_may_still_throw_it() {
    observers.enter();
    observers.enter();
    observers.leave();
    assertFalse(observers.takeUnobserved());
    observers.leave();
    assertTrue(observers.takeUnobserved());
  }

  @Test
  void a_failure_that_a_call_has_thrown_is_not_taken_after_the_call() {
    observers.enter();
    observers.observe();
    observers.leave();
    assertFalse(observers.takeUnobserved());
  }
}
