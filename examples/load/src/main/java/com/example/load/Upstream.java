package com.example.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A service on loopback that answers a number after some milliseconds, or hangs. It speaks just
 * enough HTTP, and unlike the JDK's server it notices when a caller is gone.
 */
final class Upstream implements AutoCloseable {

  private final ServerSocket server;
  private final double hanging;
  private final AtomicInteger open = new AtomicInteger();

  /**
   * Starts it.
   *
   * @param port where it listens, 0 for any port
   * @param hanging the share of the requests that it never answers
   */
  Upstream(int port, double hanging) throws IOException {
    this.server = new ServerSocket(port, 1000, InetAddress.getLoopbackAddress());
    this.hanging = hanging;
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** {@return how many requests wait for an answer} */
  int open() {
    return open.get();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket caller = server.accept();
        Thread.ofVirtual().start(() -> serve(caller));
      } catch (IOException e) {
        if (!server.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void serve(Socket caller) {
    try (caller;
        var in =
            new BufferedReader(
                new InputStreamReader(caller.getInputStream(), StandardCharsets.US_ASCII))) {
      while (readRequest(in)) {
        open.getAndIncrement();
        try {
          answer(caller, in);
        } finally {
          open.getAndDecrement();
        }
      }
    } catch (IOException | InterruptedException e) {
      // the caller has closed the connection
    }
  }

  private static boolean readRequest(BufferedReader in) throws IOException {
    String line = in.readLine();
    while (line != null && !line.isEmpty()) {
      line = in.readLine();
    }
    return line != null;
  }

  private void answer(Socket caller, BufferedReader in) throws IOException, InterruptedException {
    var random = ThreadLocalRandom.current();
    if (random.nextDouble() < hanging) {
      while (in.read() >= 0) {} // until the caller gives up
      return;
    }
    Thread.sleep(random.nextInt(5, 50));
    String body = Integer.toString(random.nextInt(1, 1000));
    String response =
        "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s".formatted(body.length(), body);
    caller.getOutputStream().write(response.getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
