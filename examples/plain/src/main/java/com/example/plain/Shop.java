package com.example.plain;

import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.Restart;
import dev.holdfast.RootScope;
import dev.holdfast.Scope;
import dev.holdfast.Scopes;
import dev.holdfast.Worker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.sql.SQLException;
import java.time.Duration;

/** A service with a main. Everything it runs is in one root scope, which ends on SIGTERM. */
public final class Shop {

  private static final String POSTGRES = "jdbc:postgresql://127.0.0.1:15432/postgres?user=holdfast";

  private Shop() {}

  public static void main(String[] args) throws Exception {
    // @start region="plain-main"
    Duration timeToStop = Duration.ofSeconds(4);
    try (RootScope root =
        Scopes.named("shop")
            .isolated() // a request that fails does not end the service
            .limit(10_000)
            .grace(timeToStop) // for the server, to answer its requests
            .open()
            .closeOnExit(timeToStop)) {
      root.<Exception>run(scope -> start(scope, args));
      root.join(); // until SIGTERM
    }
    // @end
  }

  private static void start(Scope scope, String[] args)
      throws IOException, SQLException, InterruptedException {
    HikariDataSource pool = scope.use(pool());
    HttpClient client =
        scope.use(
            HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .executor(scope.executor())
                .build());
    var upstreams =
        new Upstreams(
            client,
            URI.create(option(args, "shop.prices", "http://127.0.0.1:9091")),
            URI.create(option(args, "shop.stock", "http://127.0.0.1:9092")),
            URI.create(option(args, "shop.delivery", "http://127.0.0.1:9093")));
    var orders = new Orders(pool, upstreams);
    orders.createTables();
    scope.every("outbox", Restart.onFailure(), Duration.ofMillis(200), orders::deliver);

    int port = Integer.parseInt(option(args, "server.port", "8080"));
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    HttpServer server = HttpServer.create(address, 0);
    server.setExecutor(scope.executor());
    var requests = new Requests(orders, upstreams);
    server.createContext("/items/", requests);
    scope.worker("server", self -> serve(self, server, requests));
  }

  // @start region="plain-serve"
  /** Returns when the scope has asked its workers to stop and the requests are answered. */
  private static void serve(Worker<?> self, HttpServer server, Requests requests)
      throws InterruptedException {
    server.start();
    try {
      while (!self.stopping()) {
        Thread.sleep(50);
      }
      requests.drain();
    } finally {
      server.stop(2); // refuses connections, and waits for the requests that run
    }
  }

  // @end

  private static HikariDataSource pool() {
    var config = new HikariConfig();
    config.setJdbcUrl(System.getenv().getOrDefault("HOLDFAST_POSTGRES", POSTGRES));
    config.addDataSourceProperty("ApplicationName", "shop");
    config.setMaximumPoolSize(20);
    config.setConnectionTimeout(1000);
    return new HikariDataSource(config);
  }

  /** {@return what follows {@code --name=}, or a default} */
  private static String option(String[] args, String name, String otherwise) {
    String prefix = "--" + name + "=";
    for (String arg : args) {
      if (arg.startsWith(prefix)) {
        return arg.substring(prefix.length());
      }
    }
    return otherwise;
  }
}
