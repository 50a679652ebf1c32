package com.example.shop;

import dev.holdfast.Guard;
import dev.holdfast.GuardFullException;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import org.slf4j.MDC;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;

/**
 * Runs each request in a scope whose timeout its caller sets, and answers 504 when it passes. The
 * response is written when the scope has ended, so nothing interrupts the writing.
 */
@Component
final class RequestScope extends OncePerRequestFilter {

  /** How long the caller waits for the answer: a duration, because clocks differ. */
  static final String TIMEOUT = "X-Timeout-Millis";

  private static final long LONGEST = 2000;
  private static final Guard REQUESTS =
      Guard.named("requests").maxConcurrent(64).waitingUpTo(Duration.ofMillis(200));

  private final Draining draining;

  RequestScope(Draining draining) {
    this.draining = draining;
  }

  /** {@return how many requests run or wait} */
  static int inside() {
    return REQUESTS.inside() + REQUESTS.waiting();
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    var answer = new ContentCachingResponseWrapper(response);
    try (var id = MDC.putCloseable("request", UUID.randomUUID().toString())) {
      // @start region="service-request"
      Scopes.named("request")
          .timeout(timeout(request))
          .grace(Duration.ofSeconds(1)) // on a loaded machine, a warning of a stuck task can wait
          .run(scope -> REQUESTS.run(place -> handle(chain, request, answer)));
      // @end
    } catch (ScopeTimeoutException e) {
      logger.debug(e.getMessage());
      refuse(answer, HttpServletResponse.SC_GATEWAY_TIMEOUT);
    } catch (GuardFullException e) {
      refuse(answer, HttpServletResponse.SC_SERVICE_UNAVAILABLE);
      answer.setHeader(HttpHeaders.RETRY_AFTER, "1");
    } catch (InterruptedException e) { // the service ends, and this request has taken too long
      Thread.currentThread().interrupt();
      refuse(answer, HttpServletResponse.SC_SERVICE_UNAVAILABLE);
    }
    if (draining.isDraining()) {
      response.setHeader(HttpHeaders.CONNECTION, "close");
    }
    answer.copyBodyToResponse();
  }

  private static void handle(
      FilterChain chain, HttpServletRequest request, HttpServletResponse answer)
      throws ServletException {
    try {
      chain.doFilter(request, answer);
    } catch (IOException e) { // the connection is gone
      throw new ServletException(e);
    }
  }

  private static void refuse(HttpServletResponse answer, int status) {
    answer.reset();
    answer.setStatus(status);
  }

  private static Duration timeout(HttpServletRequest request) {
    String header = request.getHeader(TIMEOUT);
    try {
      long millis = header == null ? LONGEST : Long.parseLong(header);
      return Duration.ofMillis(Math.clamp(millis, 1, LONGEST));
    } catch (NumberFormatException e) {
      return Duration.ofMillis(LONGEST);
    }
  }
}
