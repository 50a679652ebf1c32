package dev.holdfast.http;

import dev.holdfast.Scope;
import dev.holdfast.Worker;
import dev.holdfast.http.debug.Body;
import dev.holdfast.http.debug.LocalRequests;
import dev.holdfast.http.debug.Observer;
import dev.holdfast.http.debug.Routes;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Pages that show the scopes and threads of this JVM to people and tools. {@link DebugHandler}
 * serves them with the JDK's HTTP server; any other server passes its requests to {@link #answer}.
 *
 * {@snippet class="dev.holdfast.doc.DebugPatterns" region="servlet"}
 *
 * <table>
 * <caption>The pages</caption>
 * <thead>
 * <tr><th scope="col">path<th scope="col">content
 * </thead>
 * <tbody>
 * <tr><th scope="row">(empty)
 *   <td>a page with the scope tree, the census, a flame graph, the trend of the last hour, guards,
 *   channels and reports, which refreshes itself
 * <tr><th scope="row">{@code threads?debug=1}
 *   <td>each distinct stack with its number of threads, as text
 * <tr><th scope="row">{@code threads?debug=2}
 *   <td>each thread with its stack, as text
 * <tr><th scope="row">{@code threads?format=F}
 *   <td>the census as {@code json}, or the stacks as {@code pprof}, {@code collapsed} or {@code
 *   flame}
 * <tr><th scope="row">{@code scopes?format=F}
 *   <td>the scope tree as {@code text}, {@code json} or {@code mermaid}
 * <tr><th scope="row">{@code diff?since=T&format=F}
 *   <td>what has changed within a duration such as {@code 10m}, or, with {@code start},
 *   since the first census; as {@code text}, {@code json}, {@code collapsed} or {@code flame}
 * <tr><th scope="row">{@code leaks?format=F}
 *   <td>what is proven to be leaked, as {@code text} or {@code json}: deadlocks, tasks that wait for
 *   each other as a {@link dev.holdfast.diagnostics.Watch Watch} has reported them, and roots that
 *   no code can close
 * </tbody>
 * </table>
 *
 * <p>The pages show names of classes and threads, so they are closed by default. {@link
 * #forLoopback()} answers requests from this machine only. These pages also refuse requests that a
 * proxy forwards, and requests whose {@code Host} is not this machine. A page of another site can
 * send such requests after the site has changed the address of its host name (DNS rebinding). No
 * response allows another site to read it.
 *
 * <p>Requests share one census, one snapshot of the scopes and the pages written from them.
 * Holdfast renews the census and the snapshot after five seconds, or after up to a minute if they
 * took long. So they use about a hundredth of one processor, however many requests arrive. The
 * pages keep at most sixty censuses of the last hour. If no directory is writable, or the module
 * {@code jdk.management} is missing, the census contains only the platform threads and the threads
 * of scopes, and says so.
 *
 * <p>Thread-safe. There is nothing to close.
 *
 * @since 0.1
 */
public final class DebugPages {

  private static final Duration SAMPLE = Duration.ofMinutes(1);

  private static final Map<String, String> SECURITY =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; img-src data:; style-src 'self'; script-src 'self'; connect-src"
              + " 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
          "X-Content-Type-Options",
          "nosniff",
          "Cache-Control",
          "no-store",
          "Cross-Origin-Resource-Policy",
          "same-origin",
          "Cross-Origin-Opener-Policy",
          "same-origin",
          "Referrer-Policy",
          "no-referrer");

  private final @Nullable Predicate<? super DebugRequest> allowed;
  private final Observer observer = new Observer(System::nanoTime);
  private final Routes routes = new Routes(observer);

  private DebugPages(@Nullable Predicate<? super DebugRequest> allowed) {
    this.allowed = allowed;
  }

  /** {@return pages that answer only requests from this machine} */
  public static DebugPages forLoopback() {
    return new DebugPages(null);
  }

  /**
   * {@return pages that answer the requests that a predicate accepts, from any address}
   *
   * @param allowed decides by a token or a role of the request, for example; it is the only check
   * @throws NullPointerException if {@code allowed} is {@code null}
   */
  public static DebugPages allowing(Predicate<? super DebugRequest> allowed) {
    return new DebugPages(Objects.requireNonNull(allowed, "allowed"));
  }

  /**
   * Starts a worker that takes a census every minute, so that the trend and the baselines of the
   * last hour exist even if no request has opened the pages. Only the owner of the scope may call
   * this.
   *
   * @param scope the scope that the worker belongs to
   * @return the worker
   * @throws NullPointerException if {@code scope} is {@code null}
   */
  public Worker<@Nullable Void> sampleIn(Scope scope) {
    Objects.requireNonNull(scope, "scope");
    return scope.every("holdfast-debug", SAMPLE, observer::sample);
  }

  /**
   * Answers a request. This method blocks while it takes a census. While another request takes one,
   * this method waits for at most ten seconds. An interrupt ends this wait with a response of 503,
   * and the interrupt flag stays set.
   *
   * @param request the request
   * @return the response: 200, or 400, 403, 404, 405 or 503 with the reason as text
   * @throws NullPointerException if {@code request} is {@code null}
   */
  public DebugResponse answer(DebugRequest request) {
    Objects.requireNonNull(request, "request");
    String refused = refusal(request);
    if (refused != null) {
      return response(new Body(403, "text/plain", refused));
    }
    if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
      return response(new Body(405, "text/plain", "Only GET and HEAD are allowed.\n"));
    }
    String path = request.path().startsWith("/") ? request.path().substring(1) : request.path();
    return response(routes.get(path, request.query()));
  }

  private @Nullable String refusal(DebugRequest request) {
    if (allowed == null) {
      return LocalRequests.refusal(request.remoteAddress(), request.header());
    }
    return allowed.test(request) ? null : "This request is not allowed.\n";
  }

  private static DebugResponse response(Body body) {
    var headers = new LinkedHashMap<String, String>();
    headers.put("Content-Type", body.contentType());
    headers.putAll(SECURITY);
    if (body.status() == 405) {
      headers.put("Allow", "GET, HEAD");
    }
    if (body.status() == 503) {
      headers.put("Retry-After", "5");
    }
    return new DebugResponse(body, headers);
  }

  /** {@return which requests the pages answer} */
  @Override
  public String toString() {
    return "DebugPages[" + (allowed == null ? "for loopback" : "with a predicate") + "]";
  }
}
