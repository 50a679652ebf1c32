package dev.holdfast.example;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Calls several suppliers over HTTP in three ways, with an executor, completable futures and a
 * scope, and prints what each way returned and left behind.
 */
public final class Aggregate {

  private static final List<Contender> CONTENDERS =
      List.of(
          new Contender("ExecutorService", ExecutorWay::new),
          new Contender("CompletableFuture", CompletableFutureWay::new),
          new Contender("Holdfast", HoldfastWay::new));

  private Aggregate() {}

  /**
   * Runs the three ways one after the other, each with its own servers and HTTP client.
   *
   * @param args the URLs to call; without any, the example starts servers on loopback
   * @throws IOException if the servers cannot be started, or the threads cannot be listed
   * @throws InterruptedException if the thread is interrupted
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Setting setting = Setting.USUAL;
    List<URI> given = Stream.of(args).map(URI::create).toList();
    warmUp(setting);
    if (given.isEmpty()) {
      System.out.println(Suppliers.describe(setting));
    }
    System.out.println(
        (given.isEmpty() ? "" : given.size() + " URLs. ")
            + "Timeout: "
            + setting.timeout().toMillis()
            + " ms. Everything below is measured.\n");
    System.out.print(Table.of(setting, run(setting, given)));
  }

  private static List<Trial.Row> run(Setting setting, List<URI> given)
      throws IOException, InterruptedException {
    var trial = new Trial(setting, given);
    List<Trial.Row> rows = new ArrayList<>();
    for (Contender contender : CONTENDERS) {
      rows.add(trial.of(contender));
    }
    return rows;
  }

  /** Lets each way call one supplier, so that the measured runs load no classes. */
  private static void warmUp(Setting setting) throws IOException, InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    try (Suppliers suppliers = Suppliers.start(setting)) {
      for (Contender contender : CONTENDERS) {
        try (Way way = contender.maker().apply(new Http(client), setting.timeout())) {
          way.ask(suppliers.uris().subList(0, 1));
        }
      }
    } finally {
      client.shutdownNow();
    }
  }
}
