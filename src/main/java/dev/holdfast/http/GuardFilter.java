package dev.holdfast.http;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpExchange;
import dev.holdfast.Guard;
import dev.holdfast.GuardFullException;
import dev.holdfast.ScopeException;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.internal.util.Throwables;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A filter that runs each HTTP request in a {@link Guard}, and answers 503 with {@code Retry-After}
 * when the guard is full.
 *
 * {@snippet class="dev.holdfast.doc.GuardPatterns" region="guard-http"}
 *
 * <p>The filters after this one and the handler run in the guard's scope, on the server's thread.
 * Scopes that they open end with the request, or when the guard's timeout passes.
 *
 * <p>If the response has not begun, the filter also answers 503 when the timeout passes, or when
 * the handler throws the {@link GuardFullException} of another guard. If the response has begun,
 * the filter throws the exception, and the server closes the connection. The connection is also
 * closed if the timeout interrupts the handler while it reads the request. Thread-safe.
 *
 * @since 0.1
 */
public final class GuardFilter extends Filter {

  private static final int UNAVAILABLE = 503;
  private static final int NO_BODY = -1;

  private final Guard guard;
  private final String retryAfter;

  private GuardFilter(Guard guard, String retryAfter) {
    this.guard = guard;
    this.retryAfter = retryAfter;
  }

  /**
   * {@return a filter that runs each request in a guard}
   *
   * @param guard the guard
   * @param retryAfter the value of the {@code Retry-After} header, more than zero, at most
   *     2<sup>31</sup>-1 seconds; rounded up to seconds
   * @throws IllegalArgumentException if {@code retryAfter} is zero, negative or longer than the
   *     longest timeout
   * @throws NullPointerException if {@code guard} or {@code retryAfter} is {@code null}
   */
  public static GuardFilter of(Guard guard, Duration retryAfter) {
    Objects.requireNonNull(guard, "guard");
    Objects.requireNonNull(retryAfter, "retryAfter");
    if (retryAfter.isZero() || retryAfter.isNegative()) {
      throw new IllegalArgumentException("retryAfter must be more than zero, was " + retryAfter);
    }
    if (retryAfter.compareTo(Duration.ofSeconds(Integer.MAX_VALUE)) > 0) {
      throw new IllegalArgumentException(
          "retryAfter must be at most " + Integer.MAX_VALUE + " seconds, was " + retryAfter);
    }
    long seconds = retryAfter.plusNanos(999_999_999).toSeconds();
    return new GuardFilter(guard, Long.toString(seconds));
  }

  /**
   * Handles the exchange in the guard, or answers 503. This method waits as long as the guard does.
   *
   * @param exchange the exchange
   * @param chain the filters and the handler after this filter
   * @throws IOException if the chain throws it, or the answer cannot be sent; an {@link
   *     InterruptedIOException}, with the interrupt flag set, if the thread is interrupted
   * @throws GuardFullException if another guard is full and the response has begun
   * @throws ScopeTimeoutException if the timeout passes and the response has begun
   * @throws ScopeException as {@link Guard#call} throws it
   */
  @Override
  public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
    try {
      guard.<@Nullable Void, IOException>call(scope -> {
        chain.doFilter(exchange);
        return null;
      });
    } catch (GuardFullException | ScopeTimeoutException e) {
      if (exchange.getResponseCode() >= 0) {
        throw e;
      }
      refuse(exchange, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      var stopped = new InterruptedIOException("interrupted in guard '" + guard.name() + "'");
      stopped.initCause(e);
      throw stopped;
    }
  }

  private void refuse(HttpExchange exchange, ScopeException why) throws IOException {
    try {
      exchange.getResponseHeaders().set("Retry-After", retryAfter);
      exchange.sendResponseHeaders(UNAVAILABLE, NO_BODY);
    } catch (IOException e) {
      Throwables.suppress(e, why);
      throw e;
    } finally {
      exchange.close();
    }
  }

  /** {@return the name of the guard and what the filter does} */
  @Override
  public String description() {
    return "Guard '" + guard.name() + "'; 503 with Retry-After when it is full";
  }
}
