package dev.holdfast.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.util.Objects;

/**
 * Serves {@link DebugPages} with the HTTP server of the JDK.
 *
 * {@snippet class="dev.holdfast.doc.DebugPatterns" region="handler"}
 *
 * <p>The path of the handler's context is the path of the pages; it may end with a slash.
 * Thread-safe.
 *
 * <p>On a connection that is kept open, the server of the JDK sends the end of each response up to
 * 50 ms late, unless the JVM is started with {@code -Dsun.net.httpserver.nodelay=true}.
 *
 * @since 0.1
 */
public final class DebugHandler implements HttpHandler {

  private static final int NO_BODY = -1;

  private final DebugPages pages;

  private DebugHandler(DebugPages pages) {
    this.pages = pages;
  }

  /** {@return a handler that answers only requests from this machine} */
  public static DebugHandler forLoopback() {
    return of(DebugPages.forLoopback());
  }

  /**
   * {@return a handler that serves pages}
   *
   * @param pages the pages
   * @throws NullPointerException if {@code pages} is {@code null}
   */
  public static DebugHandler of(DebugPages pages) {
    return new DebugHandler(Objects.requireNonNull(pages, "pages"));
  }

  /**
   * Answers an exchange, and closes it. This method blocks like {@link DebugPages#answer}.
   *
   * @param exchange the exchange
   * @throws IOException if the response cannot be sent
   */
  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String context = exchange.getHttpContext().getPath();
      String path = exchange.getRequestURI().getPath().substring(context.length());
      if (!context.endsWith("/") && !path.isEmpty() && !path.startsWith("/")) {
        exchange.sendResponseHeaders(404, NO_BODY); // the server matches prefixes of names too
        return;
      }
      if (path.isEmpty() && !context.endsWith("/")) {
        exchange.getResponseHeaders().set("Location", context + "/"); // links are relative
        exchange.sendResponseHeaders(308, NO_BODY);
        return;
      }
      send(exchange, pages.answer(request(exchange, path)));
    }
  }

  private static DebugRequest request(HttpExchange exchange, String path) {
    return new DebugRequest(
        exchange.getRequestMethod(),
        path,
        exchange.getRequestURI().getRawQuery(),
        exchange.getRemoteAddress().getAddress().getHostAddress(),
        exchange.getRequestHeaders()::getFirst);
  }

  private static void send(HttpExchange exchange, DebugResponse response) throws IOException {
    response.headers().forEach(exchange.getResponseHeaders()::set);
    byte[] body = response.shared();
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(response.status(), NO_BODY);
    } else {
      exchange.sendResponseHeaders(response.status(), body.length == 0 ? NO_BODY : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  /** {@return the pages it serves} */
  @Override
  public String toString() {
    return "DebugHandler[" + pages + "]";
  }
}
