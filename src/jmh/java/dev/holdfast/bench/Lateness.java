package dev.holdfast.bench;

import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * Measures in this JVM how late a sleeper, a loopback socket, a timeout, a tick and an onCancel
 * action are beside some traffic. {@link LatenessTable} starts one JVM for each measurement, since
 * traffic that starves other threads cannot be stopped.
 */
public final class Lateness {

  static final List<String> COLUMNS = List.of("sleep", "socket", "timeout", "tick", "onCancel");

  private static final Duration TIMEOUT = Duration.ofMillis(20);
  private static final long MILLI = 1_000_000;

  private final Map<String, LatenessProbe> probes = new LinkedHashMap<>();

  private Lateness() {
    COLUMNS.forEach(column -> probes.put(column, new LatenessProbe()));
  }

  /**
   * Prints a line with the figures of each column.
   *
   * @param args the peer, the traffic, and for how many milliseconds to measure
   */
  public static void main(String[] args) throws Exception {
    var lateness = new Lateness();
    lateness.start("sleep", Lateness::sleep);
    lateness.start("socket", Lateness::echo);
    lateness.start("timeout", Lateness::timeOut);
    lateness.start("tick", Lateness::tick);
    lateness.start("onCancel", Lateness::cancel);
    Thread.sleep(300); // they get a carrier before the traffic begins
    for (int i = 0; i < BusyTraffic.threads(args[1]); i++) {
      Thread.ofVirtual().start(() -> BusyTraffic.run(args[0], args[1]));
    }
    Thread.sleep(1000); // the compiler works
    long begun = System.nanoTime();
    lateness.probes.replaceAll((column, old) -> new LatenessProbe());
    Thread.sleep(Long.parseLong(args[2]));
    long now = System.nanoTime();
    List<String> cells = new ArrayList<>();
    lateness.probes.values().forEach(probe -> cells.add(probe.summary(now)));
    System.out.println("LATE " + String.join(";", cells) + ";" + (now - begun) / MILLI);
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }

  private interface Loop {
    void run(Late late) throws Exception;
  }

  /** The probe of a column, which is exchanged when the measurement begins. */
  private record Late(Map<String, LatenessProbe> probes, String column) {
    LatenessProbe probe() {
      return probes.get(column);
    }
  }

  private void start(String column, Loop loop) {
    Thread.ofVirtual()
        .name(column)
        .start(() -> {
          try {
            loop.run(new Late(probes, column));
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static void sleep(Late late) throws Exception {
    while (true) {
      late.probe().expect(System.nanoTime() + MILLI);
      Thread.sleep(1);
      late.probe().happened();
    }
  }

  private static void echo(Late late) throws Exception {
    var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    Thread.ofVirtual()
        .start(() -> {
          try (Socket accepted = server.accept()) {
            InputStream in = accepted.getInputStream();
            OutputStream out = accepted.getOutputStream();
            for (int b; (b = in.read()) >= 0; ) {
              out.write(b);
            }
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
    var client = new Socket(server.getInetAddress(), server.getLocalPort());
    client.setTcpNoDelay(true);
    while (true) {
      late.probe().expect(System.nanoTime());
      client.getOutputStream().write(1);
      client.getInputStream().read();
      late.probe().happened();
      Thread.sleep(1);
    }
  }

  private static void timeOut(Late late) throws Exception {
    while (true) {
      try {
        Scopes.timeout(TIMEOUT)
            .run(scope -> {
              late.probe().expect(System.nanoTime() + scopeNanosLeft());
              new CountDownLatch(1).await();
            });
      } catch (ScopeTimeoutException expected) {
        late.probe().happened();
      }
    }
  }

  private static void tick(Late late) throws Exception {
    Scopes.run(scope -> {
      late.probe().expect(System.nanoTime() + MILLI);
      scope.every(
          Duration.ofMillis(1),
          () -> {
            late.probe().happened();
            late.probe().expect(System.nanoTime() + MILLI);
          });
      new CountDownLatch(1).await();
    });
  }

  private static void cancel(Late late) throws Exception {
    while (true) {
      try {
        Scopes.timeout(TIMEOUT)
            .run(scope -> {
              late.probe().expect(System.nanoTime() + scopeNanosLeft());
              scope.onCancel(() -> late.probe().happened());
              new CountDownLatch(1).await();
            });
      } catch (ScopeTimeoutException expected) {
        Thread.onSpinWait();
      }
    }
  }

  private static long scopeNanosLeft() {
    return Scopes.deadline().remaining().toNanos();
  }
}
