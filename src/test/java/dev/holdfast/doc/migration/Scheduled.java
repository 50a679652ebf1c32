package dev.holdfast.doc.migration;

import dev.holdfast.Restart;
import dev.holdfast.Scopes;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A bean with a periodic job: an executor in a field, and a scope. */
final class Scheduled {

  private Scheduled() {}

  /** A cache that is refreshed periodically. */
  interface Cache {
    void refresh();
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the fault of this version
  static final class Before {

    private final Cache cache;
    private final Duration period;

    Before(Cache cache, Duration period) {
      this.cache = cache;
      this.period = period;
    }

    // @start region="scheduled-before"
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    void start() {
      timer.scheduleAtFixedRate(
          cache::refresh, period.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS);
    }

    void stop() {
      timer.shutdownNow();
    }

    // @end

    ScheduledExecutorService timer() {
      return timer;
    }
  }

  static final class After {

    private final Cache cache;
    private final Duration period;

    After(Cache cache, Duration period) {
      this.cache = cache;
      this.period = period;
    }

    // @start region="scheduled-after"
    private final Thread thread = Thread.ofVirtual().name("cache").unstarted(this::run);

    void start() {
      thread.start();
    }

    private void run() {
      try {
        Scopes.named("cache")
            .run(scope ->
                scope.every("refresh", Restart.onFailure(), period, cache::refresh).join());
      } catch (InterruptedException e) {
        // stop() was called
      }
    }

    void stop() throws InterruptedException {
      thread.interrupt();
      thread.join();
    }

    // @end

    Thread thread() {
      return thread;
    }
  }
}
