package dev.holdfast.doc;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.Scopes;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;

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

  static int jdbc(DataSource database) throws SQLException, InterruptedException {
    // @start region="blocking-jdbc"
    return Scopes.timeout(Duration.ofSeconds(2))
        .call(scope -> {
          Connection connection = scope.use(database.getConnection());
          Statement statement = scope.use(connection.createStatement());
          return scope.blocking(
              statement::cancel,
              () -> {
                ResultSet rows = statement.executeQuery("select max(price) from quotes");
                return rows.next() ? rows.getInt(1) : 0;
              });
        });
    // @end
  }

  static int socket(SocketAddress address) throws IOException, InterruptedException {
    // @start region="blocking-socket"
    return Scopes.timeout(Duration.ofSeconds(2))
        .call(scope -> {
          Socket socket = scope.use(new Socket());
          return scope.blocking(
              socket::close,
              () -> {
                socket.connect(address);
                return socket.getInputStream().read();
              });
        });
    // @end
  }

  static String process(ProcessBuilder command) throws IOException, InterruptedException {
    // @start region="blocking-process"
    return Scopes.timeout(Duration.ofSeconds(2))
        .call(scope -> {
          Process process = command.start();
          scope.onExit(process::destroyForcibly);
          return scope.blocking(
              process::destroyForcibly,
              () -> new String(process.getInputStream().readAllBytes(), UTF_8));
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
