package dev.holdfast.bench;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * A row of {@link GrowthTable}: a number of things of one kind, from few to very many.
 *
 * @param title what there are many of
 * @param most the largest number
 * @param peers the libraries that have such things
 * @param work what is measured
 */
record GrowthRow(String title, int most, List<String> peers, Work work) {

  static final String US = "Holdfast";
  static final String JDK = "StructuredTaskScope";
  static final String EXECUTOR = "Executor";
  static final String JOX = "Jox";

  private static final List<String> ALL = List.of(US, JDK, EXECUTOR, JOX);

  /** How many things of which kind, and over which peer. */
  interface Work {

    /**
     * Does the work.
     *
     * @param measured starts the measurement afresh, if not the whole work is to be measured
     */
    void run(ScopePeer peer, int many, Runnable measured) throws Exception;
  }

  static final List<GrowthRow> ROWS =
      List.of(
          new GrowthRow("forks in one scope", 1_000_000, ALL, GrowthRow::forks),
          new GrowthRow("scopes nested in one thread", 500, ALL, GrowthRow::nested),
          new GrowthRow("scopes nested by forks", 10_000, ALL, GrowthRow::nestedByForks),
          new GrowthRow("live scopes", 100_000, ALL, GrowthRow::live),
          new GrowthRow(
              "channels in a scope",
              100_000,
              List.of(US, EXECUTOR, JOX),
              (peer, many, measured) -> peer.run(scope -> channels(scope, many))),
          new GrowthRow(
              "timers that are dropped", 1_000_000, List.of(US, EXECUTOR), GrowthRow::dropped),
          new GrowthRow("timers that expire", 1_000_000, List.of(US, EXECUTOR), GrowthRow::expired),
          new GrowthRow("cancelled forks", 100_000, ALL, GrowthRow::cancelled),
          new GrowthRow(
              "waiters on one fork", 10_000, List.of(US, EXECUTOR, JOX), GrowthRow::waiters));

  /** {@return 1, 10, 100 and so on, and the largest} */
  List<Integer> sizes(int limit) {
    int last = Math.min(most, limit);
    return IntStream.concat(
            IntStream.iterate(1, size -> size < last, size -> 10 * size), IntStream.of(last))
        .boxed()
        .toList();
  }

  /** {@return the size that the larger ones are compared with} */
  int base() {
    return most > 1_000 ? 1_000 : 100;
  }

  private static void forks(ScopePeer peer, int many, Runnable measured) throws Exception {
    peer.run(scope -> {
      for (int i = 0; i < many; i++) {
        scope.fork(() -> "");
      }
    });
  }

  private static void nested(ScopePeer peer, int many, Runnable measured) throws Exception {
    peer.run(scope -> {
      if (many > 1) {
        nested(peer, many - 1, measured);
      }
    });
  }

  private static void nestedByForks(ScopePeer peer, int many, Runnable measured) throws Exception {
    peer.run(scope -> {
      if (many > 1) {
        scope.fork(() -> {
          nestedByForks(peer, many - 1, measured);
          return "";
        });
      }
    });
  }

  private static void live(ScopePeer peer, int many, Runnable measured) throws Exception {
    var open = new CountDownLatch(many);
    peer.run(scope -> {
      for (int i = 0; i < many; i++) {
        scope.fork(() -> {
          peer.run(inner -> {
            open.countDown();
            open.await();
          });
          return "";
        });
      }
    });
  }

  private static void channels(ScopePeer.Open scope, int many) throws InterruptedException {
    Pipe[] pipes = new Pipe[many];
    for (int i = 0; i < many; i++) {
      pipes[i] = scope.channel();
      pipes[i].send(Traffic.ELEMENT);
    }
    for (Pipe pipe : pipes) {
      pipe.receive();
    }
  }

  /** Due in one to two hours, in no order. */
  private static void dropped(ScopePeer peer, int many, Runnable measured) throws Exception {
    long hour = TimeUnit.HOURS.toNanos(1);
    peer.run(scope -> {
      long random = 1;
      for (int i = 0; i < many; i++) {
        random = random * 6364136223846793005L + 1442695040888963407L;
        scope.after(hour + Math.floorMod(random >> 16, hour), () -> {});
      }
    });
  }

  private static void expired(ScopePeer peer, int many, Runnable measured) throws Exception {
    var expired = new CountDownLatch(many);
    peer.run(scope -> {
      for (int i = 0; i < many; i++) {
        scope.after(1, expired::countDown);
      }
      expired.await();
    });
  }

  /** Measured from the cancellation until all have ended, which do nothing but park. */
  private static void cancelled(ScopePeer peer, int many, Runnable measured) throws Exception {
    var started = new CountDownLatch(many);
    peer.run(scope -> {
      for (int i = 0; i < many; i++) {
        scope.fork(() -> {
          started.countDown();
          while (!Thread.interrupted()) {
            LockSupport.park();
          }
          throw new InterruptedException();
        });
      }
      started.await();
      measured.run();
      scope.cancel();
    });
  }

  private static void waiters(ScopePeer peer, int many, Runnable measured) throws Exception {
    var started = new CountDownLatch(many);
    peer.run(scope -> {
      Callable<?> awaited =
          scope.fork(() -> {
            started.await();
            return "";
          });
      for (int i = 0; i < many; i++) {
        scope.fork(() -> {
          started.countDown();
          return awaited.call();
        });
      }
    });
  }
}
