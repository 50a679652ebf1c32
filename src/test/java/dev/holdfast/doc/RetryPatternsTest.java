package dev.holdfast.doc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.doc.Patterns.Product;
import dev.holdfast.doc.Patterns.Quote;
import dev.holdfast.testing.Pace;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Runs the examples of {@link RetryPatterns}. */
class RetryPatternsTest {

  private static final Product PRODUCT = new Product("p1");

  @Test
  void a_call_that_fails_twice_is_repeated() throws Exception {
    Pace.repeat(() -> {
      var calls = new AtomicInteger();
      Quote quote =
          RetryPatterns.quote(
              product -> {
                if (calls.incrementAndGet() < 3) {
                  throw new IOException("busy");
                }
                return new Quote("s", 1);
              },
              PRODUCT);
      assertEquals(new Quote("s", 1), quote);
      assertEquals(3, calls.get());
      return true;
    });
  }

  @Test
  void another_failure_is_thrown_at_once() {
    var calls = new AtomicInteger();
    assertThrows(
        IllegalStateException.class,
        () ->
            RetryPatterns.quote(
                product -> {
                  calls.incrementAndGet();
                  throw new IllegalStateException("marker");
                },
                PRODUCT));
    assertEquals(1, calls.get());
  }

  @Test
  void a_rated_call_returns_its_value() throws Exception {
    assertEquals(new Quote("s", 1), RetryPatterns.rated(product -> new Quote("s", 1), PRODUCT));
  }
}
