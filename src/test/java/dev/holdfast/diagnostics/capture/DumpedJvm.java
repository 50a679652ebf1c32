package dev.holdfast.diagnostics.capture;

import dev.holdfast.diagnostics.ThreadDump;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A program that dumps its threads again and again, beside virtual threads that never rest. */
final class DumpedJvm {

  private static final int THREADS = 100;

  private static final ArrayBlockingQueue<Object> QUEUE = new ArrayBlockingQueue<>(4);

  private DumpedJvm() {}

  /** Takes dumps for the given number of seconds, and then prints how many. */
  public static void main(String[] args) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.parseLong(args[0]));
    Thread.ofPlatform().daemon().start(DumpedJvm::makeTraffic);
    int dumps = 0;
    for (; System.nanoTime() - end < 0; dumps++) {
      ThreadDump.here();
    }
    System.out.println("dumps: " + dumps);
  }

  private static void makeTraffic() {
    var places = new Semaphore(THREADS);
    for (; ; ) {
      places.acquireUninterruptibly();
      Thread.startVirtualThread(() -> {
        try {
          ThreadLocalRandom random = ThreadLocalRandom.current();
          for (int left = random.nextInt(20); left > 0; left--) {
            act(random, random.nextInt(60));
          }
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        } finally {
          places.release();
        }
      });
    }
  }

  private static void act(ThreadLocalRandom random, int depth) throws InterruptedException {
    if (depth > 0) {
      act(random, depth - 1);
      return;
    }
    switch (random.nextInt(4)) {
      case 0 -> LockSupport.parkNanos(random.nextInt(200_000));
      case 1 -> Thread.yield();
      case 2 -> Thread.sleep(1);
      default -> {
        if (!QUEUE.offer(QUEUE, random.nextInt(100), TimeUnit.MICROSECONDS)) {
          QUEUE.poll();
        }
      }
    }
  }
}
