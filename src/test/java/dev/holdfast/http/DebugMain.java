package dev.holdfast.http;

import com.sun.net.httpserver.HttpServer;
import dev.holdfast.Guard;
import dev.holdfast.Inspect;
import dev.holdfast.Scopes;
import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.diagnostics.Watch;
import dev.holdfast.testing.HostileNames;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.SynchronousQueue;

/**
 * A service with something on every part of the debug page: nested scopes, a full channel, a guard
 * in use, a stalled scope, threads that nothing ends, and hostile names if the first argument is
 * {@code hostile}. It prints its port, and runs until its standard input ends.
 */
final class DebugMain {

  private static final CountDownLatch NEVER = new CountDownLatch(1);

  /** Nobody takes from it. */
  private static final SynchronousQueue<String> RESULTS = new SynchronousQueue<>();

  private DebugMain() {}

  public static void main(String[] args) throws Exception {
    boolean hostile = args.length > 0 && args[0].equals("hostile");
    Inspect.recordForkSites(true);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/debug/holdfast/", DebugHandler.forLoopback());
    server.start();
    leak();
    Guard guard = Guard.named("checkout").maxConcurrent(4).noTimeout();
    guard.run(scope -> {});
    Thread.ofPlatform().daemon().start(() -> orders(guard, hostile));
    Thread.ofPlatform().daemon().start(DebugMain::stalled);
    Watch.start();
    System.out.println(server.getAddress().getPort());
    while (System.in.read() >= 0) {
      // until the test ends
    }
    System.exit(0);
  }

  private static void leak() {
    for (int i = 0; i < 40; i++) {
      Thread.ofVirtual()
          .start(() -> {
            try {
              RESULTS.put("late");
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          });
    }
  }

  private static void orders(Guard guard, boolean hostile) {
    try {
      guard.run(all -> {
        all.produce(
            ChannelSpec.<String>of(2).named("lines"),
            out -> {
              while (true) {
                out.send("line");
              }
            });
        all.fork(
            "price",
            () ->
                Scopes.named("pricing")
                    .call(scope -> {
                      scope.fork("eur", DebugMain::forever);
                      return scope.fork("usd", DebugMain::forever).join();
                    }));
        for (int i = 0; hostile && i < HostileNames.ALL.size(); i++) {
          String name = HostileNames.ALL.get(i);
          all.fork(
              name,
              () -> {
                Thread.currentThread().setName(name);
                return Scopes.named(name)
                    .call(scope -> scope.fork(name, DebugMain::forever).join());
              });
        }
        NEVER.await();
      });
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static int forever() throws InterruptedException {
    NEVER.await();
    return 0;
  }

  private static void stalled() {
    try {
      Scopes.named("import")
          .timeout(Duration.ofHours(1))
          .run(scope -> {
            var lines = scope.<String>channel(1);
            scope.fork("parse", () -> lines.receive());
          });
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
