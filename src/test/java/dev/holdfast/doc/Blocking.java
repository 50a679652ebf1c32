package dev.holdfast.doc;

import dev.holdfast.Scopes;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** Examples of blocking calls, and of a loop that never blocks. */
final class Blocking {

  private Blocking() {}

  static byte[] http(URI uri) throws IOException {
    // @start region="deadline-http"
    var connection = (HttpURLConnection) uri.toURL().openConnection();
    int millis = Math.clamp(Scopes.deadline().remaining().toMillis(), 1, Integer.MAX_VALUE);
    connection.setConnectTimeout(millis);
    connection.setReadTimeout(millis);
    try (InputStream body = connection.getInputStream()) {
      return body.readAllBytes();
    }
    // @end
  }

  static int jdbc(Connection connection) throws SQLException, InterruptedException {
    // @start region="on-cancel-jdbc"
    return Scopes.timeout(Duration.ofSeconds(2))
        .call(scope -> {
          Statement statement = scope.use(connection.createStatement());
          scope.onCancel(statement::cancel);
          ResultSet rows = statement.executeQuery("select max(price) from quotes");
          return rows.next() ? rows.getInt(1) : 0;
        });
    // @end
  }

  static long checkpoint(long[] numbers) throws InterruptedException {
    // @start region="checkpoint"
    long sum = 0;
    for (int i = 0; i < numbers.length; i++) {
      if (i % 1024 == 0) {
        Scopes.checkpoint();
      }
      sum += numbers[i];
    }
    return sum;
    // @end
  }
}
