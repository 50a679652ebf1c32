package dev.holdfast.bench;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** An executor in a try block, a virtual thread for each task; a scheduler; the JDK's queue. */
final class ExecutorScopes implements ScopePeer {

  @Override
  public void run(Body body) throws Exception {
    try (var scope = new InTry(Executors.newVirtualThreadPerTaskExecutor())) {
      body.run(scope);
    }
  }

  private static final class InTry implements Open, AutoCloseable {

    private final ExecutorService executor;
    private ScheduledThreadPoolExecutor scheduler;

    InTry(ExecutorService executor) {
      this.executor = executor;
    }

    @Override
    public Callable<?> fork(Callable<?> task) {
      Future<?> future = executor.submit(task);
      return future::get;
    }

    @Override
    public void cancel() {
      executor.shutdownNow();
    }

    @Override
    public Pipe channel() {
      return new QueueTraffic.Blocking(new ArrayBlockingQueue<>(16));
    }

    @Override
    public void after(long nanos, Runnable action) {
      if (scheduler == null) {
        scheduler = new ScheduledThreadPoolExecutor(1);
      }
      scheduler.schedule(action, nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
      executor.close();
      if (scheduler != null) {
        scheduler.shutdownNow();
        scheduler.close();
      }
    }
  }
}
