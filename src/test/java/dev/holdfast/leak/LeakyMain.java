package dev.holdfast.leak;

import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A program with ten thousand leaked virtual threads, with a growing leak, or without a leak.
 *
 * <p>It prints READY when its threads are blocked, and ends when its input ends.
 */
public final class LeakyMain {

  public static final int SENDERS = 9_350;
  public static final int LOCKERS = 490;
  public static final int RECEIVERS = 160;

  private final SynchronousQueue<String> results = new SynchronousQueue<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Queue<Thread> started = new ConcurrentLinkedQueue<>();

  private LeakyMain() {}

  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "leak" -> new LeakyMain().leak();
      case "grow" -> new LeakyMain().grow(Integer.parseInt(args[1]));
      case "quiet" -> quiet();
      default -> throw new IllegalArgumentException(args[0]);
    }
    Runtime.getRuntime().halt(0);
  }

  /** Answers a call that has already timed out. */
  private void answer() {
    try {
      results.put("late");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void update() {
    lock.lock();
    try {
      results.clear();
    } finally {
      lock.unlock();
    }
  }

  private void start(int count, Runnable task) {
    for (int i = 0; i < count; i++) {
      started.add(Thread.ofVirtual().start(task));
    }
  }

  private void leak() throws Exception {
    lock.lock();
    start(SENDERS, this::answer);
    start(LOCKERS, this::update);
    Scopes.named("feed")
        .run(scope -> {
          Channel<String> feed = scope.channel(0);
          for (int i = 0; i < RECEIVERS; i++) {
            scope.fork("receiver-" + i, () -> receive(feed));
          }
          untilTheyWait();
          while (feed.stats().waitingReceivers() < RECEIVERS) {
            LockSupport.parkNanos(1_000_000);
          }
          untilInputEnds();
          Runtime.getRuntime().halt(0); // leaving the block would cancel the receivers
        });
  }

  private void untilTheyWait() {
    for (Thread thread : started) {
      while (thread.getState() != Thread.State.WAITING) {
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  private static void receive(Channel<String> feed) throws InterruptedException {
    feed.receive();
  }

  /** Starts more threads for each character of input. */
  private void grow(int atOnce) throws IOException {
    lock.lock();
    start(7, this::update);
    do {
      start(atOnce, this::answer);
      untilTheyWait();
      System.out.println("READY");
    } while (System.in.read() >= 0);
  }

  /** Runs ten thousand threads that end normally. */
  private static void quiet() throws Exception {
    for (int round = 0; round < 10; round++) {
      var latch = new CountDownLatch(1_000);
      Scopes.named("round")
          .run(scope -> {
            for (int i = 0; i < 1_000; i++) {
              scope.fork(latch::countDown);
            }
            latch.await();
          });
    }
    untilInputEnds();
  }

  private static void untilInputEnds() throws IOException {
    System.out.println("READY");
    while (System.in.read() >= 0) {}
  }
}
