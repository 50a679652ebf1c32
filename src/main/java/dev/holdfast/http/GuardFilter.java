package dev.holdfast.http;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpExchange;
import dev.holdfast.Guard;
import dev.holdfast.GuardFullException;
import dev.holdfast.ScopeException;
import dev.holdfast.ScopeTimeoutException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Lets HTTP requests in through a {@link Guard}, and answers 503 with {@code Retry-After} to those
 * it does not let in.
 *
 * {@snippet class="dev.holdfast.doc.GuardPatterns" region="guard-http"}
 *
 * <p>The filters after this one and the handler run in the guard's scope, on the server's thread.
 * What they open ends with the request, or earlier, by the guard's time-out.
 *
 * <p>As long as the response has not begun, 503 is also the answer if the time-out passes, and if
 * another guard further in is full and the handler lets its exception out. Once it has begun these
 * exceptions leave the filter, and the server closes the connection. It is closed, too, if the
 * time-out interrupts the handler while that reads the request: the JDK closes what it reads from.
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
   * {@return a filter that lets requests in through a guard}
   *
   * @param guard how many may be inside, and what becomes of the others
   * @param retryAfter when a client that is sent away may come again; rounded up to seconds
   * @throws IllegalArgumentException if {@code retryAfter} is zero, negative or more than
   *     2<sup>31</sup>-1 seconds
   * @throws NullPointerException if an argument is {@code null}
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
   * Handles the exchange inside the guard, or answers 503.
   *
   * @param exchange the exchange
   * @param chain what comes after this filter
   * @throws IOException if the rest of the chain throws it, or no answer can be sent; an {@link
   *     InterruptedIOException} if the thread is interrupted, with its flag set again
   * @throws GuardFullException if a guard further in is full and the response has begun
   * @throws ScopeTimeoutException if the time-out passes and the response has begun
   * @throws ScopeException if the guard's scope cannot give what was asked of it
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
      e.addSuppressed(why);
      throw e;
    } finally {
      exchange.close();
    }
  }

  /** {@return what the filter does} */
  @Override
  public String description() {
    return "Guard '" + guard.name() + "'; 503 with Retry-After when it is full";
  }
}
