package dev.holdfast.doc.migration;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.Scopes;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** A body that one branch does not read: left open, and closed by a scope. */
final class UnreadBody {

  private UnreadBody() {}

  static final class Before {

    // @start region="body-before"
    String read(HttpClient client, HttpRequest request) throws IOException, InterruptedException {
      HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
      if (response.statusCode() != 200) {
        throw new IOException("status " + response.statusCode()); // the body stays open
      }
      return new String(response.body().readAllBytes(), UTF_8);
    }
    // @end
  }

  static final class After {

    // @start region="body-after"
    String read(HttpClient client, HttpRequest request) throws IOException, InterruptedException {
      return Scopes.call(scope -> {
        HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
        InputStream body = scope.use(response.body());
        if (response.statusCode() != 200) {
          throw new IOException("status " + response.statusCode());
        }
        return new String(body.readAllBytes(), UTF_8);
      });
    }
    // @end
  }
}
