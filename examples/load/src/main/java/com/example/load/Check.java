package com.example.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Starts a service, loads it and counts what is left; stops it under load and counts what was cut
 * off: {@code Check jar clients seconds}. Exits with 1 if that is too much.
 */
final class Check {

  private static final Pattern WARNING = Pattern.compile(" (WARN|ERROR) |^(WARNING|SEVERE):");
  private static final Duration TIME_TO_START = Duration.ofMinutes(2);

  private final List<Upstream> upstreams = new ArrayList<>();
  private final Path log = Path.of("target", "service.log");
  private final int port;
  private boolean passed = true;

  private Check() throws IOException {
    for (int i = 0; i < 3; i++) {
      upstreams.add(new Upstream(0, Load.HANGING));
    }
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
  }

  public static void main(String[] args) throws Exception {
    var check = new Check();
    Process service = check.start(args[0]);
    Runtime.getRuntime().addShutdownHook(new Thread(service::destroyForcibly));
    check.run(service, Integer.parseInt(args[1]), Duration.ofSeconds(Integer.parseInt(args[2])));
    System.exit(check.passed ? 0 : 1);
  }

  private Process start(String jar) throws IOException {
    Files.createDirectories(log.getParent());
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1", // the run is too short for the optimizing compiler
            "-jar",
            jar,
            "--server.port=" + port,
            "--shop.prices=" + uri(upstreams.get(0).port()),
            "--shop.stock=" + uri(upstreams.get(1).port()),
            "--shop.delivery=" + uri(upstreams.get(2).port()))
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  private static URI uri(int port) {
    return URI.create("http://127.0.0.1:" + port);
  }

  private void run(Process service, int clients, Duration time) throws Exception {
    awaitStart(service);
    try (var rows = new Rows(System.getenv("HOLDFAST_POSTGRES"))) {
      int idle = rows.active();
      Load.run(uri(port), rows, clients, time);
      Thread.sleep(Duration.ofSeconds(3));
      bar("upstream requests open", upstreams.stream().mapToInt(Upstream::open).sum(), 0);
      bar("database sessions active above idle", rows.active() - idle, 3);
      bar("lines of level WARN or above", warnings(), 20);
      stopUnderLoad(service, clients);
      bar("the same after the end", warnings(), 20);
    }
  }

  private void awaitStart(Process service) throws Exception {
    long begun = System.nanoTime();
    while (true) {
      try {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
        return;
      } catch (IOException e) {
        boolean late = System.nanoTime() - begun > TIME_TO_START.toNanos();
        if (late || service.waitFor(100, TimeUnit.MILLISECONDS)) {
          throw new IllegalStateException("the service does not listen; see " + log, e);
        }
      }
    }
  }

  private void stopUnderLoad(Process service, int count) throws Exception {
    try (var clients = new Clients(uri(port), count, Duration.ZERO)) {
      Thread.sleep(Duration.ofSeconds(3));
      long begun = System.nanoTime();
      service.destroy(); // SIGTERM
      if (!service.waitFor(30, TimeUnit.SECONDS)) {
        service.destroyForcibly();
      }
      bar("milliseconds from SIGTERM to the end", (System.nanoTime() - begun) / 1_000_000, 5000);
      clients.stop();
      System.out.printf("answers by status %s, refused %d%n", clients.answers(), clients.refused());
      bar("requests cut", clients.cut(), 0);
    }
  }

  private void bar(String what, long figure, long most) {
    boolean met = figure <= most;
    passed &= met;
    System.out.printf("%-40s %6d   at most %d%s%n", what, figure, most, met ? "" : "   MISSED");
  }

  private long warnings() throws IOException {
    try (var lines = Files.lines(log)) {
      return lines.filter(WARNING.asPredicate()).count();
    }
  }
}
