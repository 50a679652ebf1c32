package com.example.shop;

import dev.holdfast.RootScope;
import dev.holdfast.Scope;
import dev.holdfast.Scopes;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * The scope around everything that runs in this service. It starts before the web server and ends
 * after it, and before the connection pool is closed.
 */
@Component
final class ServiceScope implements SmartLifecycle, Executor {

  private static final Duration TIME_TO_STOP = Duration.ofSeconds(2);

  private final List<Background> background;
  private volatile RootScope root;
  private volatile Executor executor;

  ServiceScope(List<Background> background) {
    this.background = background;
  }

  // @start region="service-start"
  @Override
  public void start() {
    // Isolated: a request or mail that fails does not end the service. The limit exceeds the 8192
    // connections of Tomcat, because the HTTP client needs threads as well.
    RootScope opened = Scopes.named("shop").isolated().limit(10_000).open();
    root = opened;
    try {
      executor = opened.call(Scope::executor);
      for (Background task : background) {
        opened.run(task::start);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the service started", e);
    }
  }

  // @end

  /** Runs a task in the scope, for libraries that want an executor. */
  @Override
  public void execute(Runnable task) {
    executor.execute(task);
  }

  // @start region="service-stop"
  @Override
  public void stop() {
    root.close(TIME_TO_STOP); // what still runs then is cancelled
    root = null;
  }

  // @end

  @Override
  public boolean isRunning() {
    return root != null;
  }

  @Override
  public int getPhase() {
    return 0; // those of the web server are higher: it starts later and stops earlier
  }
}
