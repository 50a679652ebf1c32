package dev.holdfast.doc;

import dev.holdfast.Restart;
import dev.holdfast.ScopeSpec;
import dev.holdfast.Scopes;
import dev.holdfast.Worker;
import dev.holdfast.channel.Receiver;
import dev.holdfast.channel.Select;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** The examples of workers in the documentation. */
final class WorkerPatterns {

  private WorkerPatterns() {}

  /** A source of messages. */
  interface Mailbox {
    String next() throws IOException, InterruptedException;
  }

  /** Handles messages. */
  interface Office {
    void handle(String message) throws IOException, InterruptedException;

    void sweep() throws IOException;

    void work() throws InterruptedException;
  }

  /** Collects messages and publishes them. */
  interface Board {
    void add(String message);

    void publish();
  }

  static void worker(Mailbox mailbox, Office office) throws InterruptedException {
    // @start region="worker"
    Scopes.run(scope -> {
      scope.worker(
          "mail",
          () -> {
            while (true) {
              office.handle(mailbox.next());
            }
          });
      office.work(); // when this returns, the scope stops the worker
    });
    // @end
  }

  static void restart(Mailbox mailbox, Office office) throws InterruptedException {
    // @start region="restart"
    Restart gently =
        Restart.onFailure()
            .backoff(Duration.ofMillis(50), 2, Duration.ofSeconds(5))
            .atMost(10, Duration.ofMinutes(1));
    Scopes.run(scope -> {
      scope.worker(
          "mail",
          gently,
          () -> {
            while (true) {
              office.handle(mailbox.next());
            }
          });
      office.work();
    });
    // @end
  }

  static int ready(Office office) throws InterruptedException {
    // @start region="ready"
    return Scopes.call(scope -> {
      Worker<Integer> echo =
          scope.worker(
              "echo",
              self -> {
                try (ServerSocket server = new ServerSocket(0)) {
                  scope.onCancel(server::close); // for platform threads
                  self.ready(server.getLocalPort());
                  while (!self.stopping()) {
                    try (Socket client = server.accept()) {
                      client.getInputStream().transferTo(client.getOutputStream());
                    }
                  }
                }
              });
      int port = echo.awaitReady();
      office.work();
      return port;
    });
    // @end
  }

  static void awaitStop(Receiver<String> messages, Board board, Office office)
      throws InterruptedException {
    ScopeSpec patient = Scopes.named("board").grace(Duration.ofSeconds(5));
    // @start region="await-stop"
    patient.run(scope -> {
      scope.worker(
          "board",
          () -> {
            try {
              while (true) {
                board.add(messages.receive());
              }
            } finally {
              board.publish(); // the grace is there for this
            }
          });
      office.work();
    });
    // @end
  }

  /** A server that is stopped by a call from another thread. */
  interface Server {
    void serve() throws IOException;

    void stop();
  }

  static void onStop(Server server, Office office) throws InterruptedException {
    // @start region="on-stop"
    Scopes.run(scope -> {
      scope.worker(
          "http",
          self -> {
            self.onStop(server::stop);
            server.serve(); // until stop is called
          });
      office.work();
    });
    // @end
  }

  static void every(Office office) throws InterruptedException {
    // @start region="every"
    Scopes.run(scope -> {
      scope.every("sweep", Restart.onFailure(), Duration.ofSeconds(30), office::sweep);
      office.work();
    });
    // @end
  }

  static void fixedDelay(Office office) throws InterruptedException {
    // @start region="fixed-delay"
    Scopes.run(scope -> {
      scope.worker(
          "sweep",
          self -> {
            do {
              office.sweep();
            } while (!self.awaitStop(Duration.ofSeconds(30)));
          });
      office.work();
    });
    // @end
  }

  static void ticker(Receiver<String> messages, Board board) throws InterruptedException {
    // @start region="ticker"
    Scopes.run(scope -> {
      Receiver<Long> ticks = scope.ticker(Duration.ofSeconds(1));
      Select<Boolean> next =
          Select.of(
              ticks.onReceive(tick -> {
                board.publish();
                return true;
              }),
              messages.onReceiveOrNull(message -> {
                if (message != null) {
                  board.add(message);
                }
                return message != null; // null: the channel has ended
              }));
      while (next.await()) {}
    });
    // @end
  }

  static String executor(URI uri) throws IOException, InterruptedException {
    // @start region="scope-executor"
    return Scopes.timeout(Duration.ofSeconds(5))
        .call(scope -> {
          HttpClient client = scope.use(HttpClient.newBuilder().executor(scope.executor()).build());
          return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
        });
    // @end
  }
}
