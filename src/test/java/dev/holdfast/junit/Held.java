package dev.holdfast.junit;

import dev.holdfast.testing.Poll;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;

/** Threads that sample tests leak, blocked until the test that runs them releases them. */
final class Held {

  private static volatile CountDownLatch latch = new CountDownLatch(1);
  private static final List<Thread> THREADS = new CopyOnWriteArrayList<>();
  private static final List<AutoCloseable> RESOURCES = new CopyOnWriteArrayList<>();

  private Held() {}

  /** Blocks until the release. */
  static void block() {
    await(latch);
  }

  /** Blocks as {@link #block} does, one frame further in. */
  static void blockDeeper() {
    block();
  }

  private static void await(CountDownLatch until) {
    while (until.getCount() > 0) {
      try {
        until.await();
      } catch (InterruptedException e) {
        Thread.onSpinWait();
      }
    }
  }

  static Thread start(ThreadFactory factory, Runnable run) {
    Thread thread = factory.newThread(run);
    THREADS.add(thread);
    thread.start();
    Poll.untilBlocked(thread);
    return thread;
  }

  static Thread startVirtual(Runnable run) {
    return start(Thread.ofVirtual().factory(), run);
  }

  static Thread startPlatform(Runnable run) {
    return start(Thread.ofPlatform().name("held-", 0).factory(), run);
  }

  static <T extends AutoCloseable> T keep(T resource) {
    RESOURCES.add(resource);
    return resource;
  }

  /** Ends it all, and is ready for the next. */
  static void release() throws Exception {
    latch.countDown();
    for (AutoCloseable resource : RESOURCES) {
      resource.close();
    }
    for (Thread thread : THREADS) {
      thread.join();
    }
    RESOURCES.clear();
    THREADS.clear();
    latch = new CountDownLatch(1);
  }
}
