package dev.holdfast.internal.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.YieldingThreads;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("one-carrier")
class QueueEndTest {

  private final QueueEnd end = new QueueEnd();

  private Waiter add() {
    var waiter = new Waiter(null, null);
    end.add(waiter);
    return waiter;
  }

  @Test
  void waiters_leave_first_in_first_out() {
    Waiter first = add();
    Waiter second = add();
    assertEquals(2, end.waiting());
    assertSame(first, end.poll());
    assertSame(second, end.poll());
    assertNull(end.poll());
    assertEquals(0, end.waiting());
    assertFalse(end.hasWaiters());
  }

  @Test
  void a_waiter_is_removed_once_from_any_place() {
    Waiter first = add();
    Waiter middle = add();
    Waiter last = add();
    Waiter remaining = add();
    assertTrue(end.remove(middle));
    assertFalse(end.remove(middle));
    assertTrue(end.remove(first));
    assertTrue(end.remove(last));
    assertSame(remaining, end.poll());
    assertFalse(end.hasWaiters());
  }

  @Test
  void a_removed_waiter_references_no_other() {
    Waiter first = add();
    Waiter middle = add();
    add();
    end.remove(middle);
    assertSame(middle, middle.previous);
    assertNull(middle.next);
    end.poll();
    assertSame(first, first.previous);
    assertNull(first.next);
  }

  @Test
  void waiters_that_were_claimed_elsewhere_are_dropped() {
    end.add(
        new Waiter(null, null) {
          @Override
          protected boolean claim() {
            return false;
          }
        });
    Waiter second = add();
    assertSame(second, end.poll());
    assertEquals(0, end.waiting());
  }

  @Test
  void all_waiters_leave_as_a_chain_in_order() {
    Waiter first = add();
    Waiter second = add();
    assertSame(first, end.pollAll());
    assertSame(second, first.next);
    assertNull(second.next);
    assertFalse(end.hasWaiters());
  }

  @Test
  void a_thread_that_waits_for_the_lock_takes_it_while_threads_on_every_carrier_yield_in_a_loop() {
    end.lock();
    YieldingThreads.assertContinues(
        () -> {
          end.lock();
          end.unlock();
        },
        end::unlock);
  }
}
