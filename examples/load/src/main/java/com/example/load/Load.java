package com.example.load;

import java.net.URI;
import java.time.Duration;
import java.util.List;

/** Loads a service that runs already: {@code Load [clients [seconds]]}. */
final class Load {

  /** The share of the upstream calls that hang. */
  static final double HANGING = 0.06;

  private static final String POSTGRES = "jdbc:postgresql://127.0.0.1:15432/postgres?user=holdfast";

  private Load() {}

  public static void main(String[] args) throws Exception {
    int clients = args.length > 0 ? Integer.parseInt(args[0]) : 250;
    var time = Duration.ofSeconds(args.length > 1 ? Integer.parseInt(args[1]) : 45);
    try (var prices = new Upstream(9091, HANGING);
        var stock = new Upstream(9092, HANGING);
        var delivery = new Upstream(9093, HANGING);
        var rows = new Rows(System.getenv().getOrDefault("HOLDFAST_POSTGRES", POSTGRES))) {
      run(URI.create("http://127.0.0.1:8080"), rows, clients, time);
      Thread.sleep(Duration.ofSeconds(3));
      int open = List.of(prices, stock, delivery).stream().mapToInt(Upstream::open).sum();
      System.out.printf(
          "3 s later: %d upstream requests open, %d database sessions active%n",
          open, rows.active());
    }
  }

  /** Sends requests for some time. In the middle, rows are locked for eight seconds. */
  static void run(URI service, Rows rows, int count, Duration time) throws Exception {
    Duration locked = Duration.ofSeconds(Math.min(8, time.toSeconds() / 2));
    Duration around = time.minus(locked).dividedBy(2);
    try (var clients = new Clients(service, count, around)) {
      Thread.sleep(around);
      rows.lock();
      Thread.sleep(locked);
      rows.unlock();
      Thread.sleep(around);
      clients.stop();
      System.out.printf(
          "%d clients for %d s: answers by status %s, cut %d%n",
          count, time.toSeconds(), clients.answers(), clients.cut());
    }
  }
}
