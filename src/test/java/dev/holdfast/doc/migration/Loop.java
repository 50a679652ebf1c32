package dev.holdfast.doc.migration;

import dev.holdfast.Scopes;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongPredicate;

/** A search that computes and never blocks: without and with checkpoints. */
final class Loop {

  private Loop() {}

  static final class Before implements AutoCloseable {

    // @start region="loop-before"
    private final ExecutorService pool = Executors.newFixedThreadPool(2);

    long search(LongPredicate hit)
        throws ExecutionException, TimeoutException, InterruptedException {
      Future<Long> found =
          pool.submit(() -> {
            long n = 0;
            while (!hit.test(n)) {
              n++;
            }
            return n;
          });
      try {
        return found.get(2, TimeUnit.SECONDS);
      } finally {
        found.cancel(true); // sets a flag that the loop never reads
      }
    }

    // @end

    boolean isSearching() {
      return ((ThreadPoolExecutor) pool).getActiveCount() > 0;
    }

    @Override
    public void close() {
      pool.close();
    }
  }

  static final class After {

    // @start region="loop-after"
    long search(LongPredicate hit) throws InterruptedException {
      return Scopes.timeout(Duration.ofSeconds(2))
          .call(scope -> {
            long n = 0;
            while (!hit.test(n)) {
              if (n++ % 1024 == 0) {
                Scopes.checkpoint();
              }
            }
            return n;
          });
    }
    // @end
  }
}
