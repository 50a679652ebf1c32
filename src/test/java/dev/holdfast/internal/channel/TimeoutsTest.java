package dev.holdfast.internal.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TimeoutsTest {

  @Test
  void a_timeout_becomes_nanoseconds() {
    assertEquals(1, Timeouts.nanos(Duration.ofNanos(1)));
    assertEquals(2_000_000_000, Timeouts.nanos(Duration.ofSeconds(2)));
  }

  @Test
  void a_negative_timeout_is_zero() {
    assertEquals(0, Timeouts.nanos(Duration.ZERO));
    assertEquals(0, Timeouts.nanos(Duration.ofNanos(-1)));
    assertEquals(0, Timeouts.nanos(Duration.ofSeconds(Long.MIN_VALUE)));
  }

  @Test
  void a_deadline_of_the_longest_timeout_is_later_than_now() {
    long longest = Timeouts.nanos(Duration.ofSeconds(Long.MAX_VALUE));
    assertTrue(longest < Timeouts.NONE);
    long now = System.nanoTime();
    assertTrue(now + longest - now > 0);
  }

  /** Not by the message of the JVM, which depends on how the class was compiled. */
  @Test
  void null_is_refused_by_name() {
    var thrown = assertThrows(NullPointerException.class, () -> Timeouts.nanos(null));
    assertEquals("timeout", thrown.getMessage());
  }
}
