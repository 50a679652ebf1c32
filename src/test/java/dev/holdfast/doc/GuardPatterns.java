package dev.holdfast.doc;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.holdfast.Guard;
import dev.holdfast.Scope;
import dev.holdfast.http.GuardFilter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Executors;

/** The examples of guards in the documentation. */
final class GuardPatterns {

  private GuardPatterns() {}

  /** Refunds orders. */
  interface Bank {
    String refund(String order) throws IOException, InterruptedException;
  }

  /** An index that is rebuilt from time to time. */
  interface Index {
    void rebuild(Scope scope) throws IOException, InterruptedException;
  }

  /** The class of the first example. */
  static final class Refunds {

    private Refunds() {}

    // @start region="guard"
    static final Guard REFUND =
        Guard.named("refund").maxConcurrent(500).waitingUpTo(Duration.ofMillis(200));

    static String refund(Bank bank, String order) throws IOException, InterruptedException {
      return REFUND.call(scope -> bank.refund(order));
    }
    // @end
  }

  static HttpServer serve(InetSocketAddress address, HttpHandler refunds) throws IOException {
    // @start region="guard-http"
    Guard guard = Guard.named("refund").maxConcurrent(500).timeout(Duration.ofSeconds(2));
    HttpServer server = HttpServer.create(address, 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server
        .createContext("/refund", refunds)
        .getFilters()
        .add(GuardFilter.of(guard, Duration.ofSeconds(1)));
    server.start();
    // @end
    return server;
  }

  /** The class of the third example. */
  static final class Jobs {

    private Jobs() {}

    // @start region="guard-job"
    static final Guard REBUILD =
        Guard.named("rebuild").maxConcurrent(1).queueingOne().timeout(Duration.ofMinutes(5));

    static void onChange(Index index) throws IOException, InterruptedException {
      if (!REBUILD.run(scope -> index.rebuild(scope))) {
        System.getLogger("jobs")
            .log(System.Logger.Level.DEBUG, "skipped: a waiting run will see the change");
      }
    }
    // @end
  }
}
