package dev.holdfast.doc;

import com.sun.net.httpserver.HttpServer;
import dev.holdfast.http.DebugHandler;
import dev.holdfast.http.DebugPages;
import dev.holdfast.http.DebugRequest;
import dev.holdfast.http.DebugResponse;
import java.io.IOException;
import java.io.OutputStream;

/** Pages that show scopes and threads. */
final class DebugPatterns {

  private DebugPatterns() {}

  static void handler(HttpServer server) {
    // @start region="handler"
    server.createContext("/debug/holdfast/", DebugHandler.forLoopback());
    // @end
  }

  static DebugPages token(String secret) {
    // @start region="token"
    DebugPages pages =
        DebugPages.allowing(
            request -> ("Bearer " + secret).equals(request.header().apply("Authorization")));
    // @end
    return pages;
  }

  /** What a servlet has of a request. */
  interface ServletRequest {
    String getMethod();

    String getPathInfo();

    String getQueryString();

    String getRemoteAddr();

    String getHeader(String name);
  }

  /** What a servlet has of a response. */
  interface ServletResponse {
    void setStatus(int status);

    void setHeader(String name, String value);

    OutputStream getOutputStream() throws IOException;
  }

  private static final DebugPages PAGES = DebugPages.forLoopback();

  // @start region="servlet"
  static void doGet(ServletRequest request, ServletResponse response) throws IOException {
    DebugResponse answer =
        PAGES.answer(
            new DebugRequest(
                request.getMethod(),
                request.getPathInfo() == null ? "" : request.getPathInfo(),
                request.getQueryString(),
                request.getRemoteAddr(),
                request::getHeader));
    response.setStatus(answer.status());
    answer.headers().forEach(response::setHeader);
    if (!request.getMethod().equals("HEAD")) {
      response.getOutputStream().write(answer.body());
    }
  }
  // @end
}
