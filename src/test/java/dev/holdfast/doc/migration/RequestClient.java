package dev.holdfast.doc.migration;

import dev.holdfast.Scopes;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;

/** HTTP requests: a client for each, and one in the scope. */
final class RequestClient {

  private RequestClient() {}

  static final class Before {

    // @start region="client-before"
    String get(URI uri) throws IOException, InterruptedException {
      HttpClient client = HttpClient.newHttpClient();
      return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
    }
    // @end
  }

  static final class After {

    // @start region="client-after"
    List<String> get(List<URI> uris) throws IOException, InterruptedException {
      return Scopes.timeout(Duration.ofSeconds(5))
          .call(scope -> {
            HttpClient client =
                scope.use(HttpClient.newBuilder().executor(scope.executor()).build());
            return Scopes.fanOut(uris, uri -> get(client, uri));
          });
    }

    private static String get(HttpClient client, URI uri) throws IOException, InterruptedException {
      return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
    }
    // @end
  }
}
