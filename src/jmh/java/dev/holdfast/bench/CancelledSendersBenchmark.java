package dev.holdfast.bench;

import dev.holdfast.Scopes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The cost of interrupting each of many waiting senders, in random order; see the nanosPerSender
 * rows. They should not grow with the number of senders.
 *
 * <pre>mvn -Pjmh verify -Djmh.args="CancelledSenders"</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 5)
@Measurement(iterations = 1)
public class CancelledSendersBenchmark {

  /** The number of waiting senders. */
  @Param({"1000", "10000", "30000"})
  int senders;

  /** The channel or queue. */
  @Param({"holdfast", "SynchronousQueue", "LinkedTransferQueue", "ArrayBlockingQueue", "Jox"})
  String peer;

  private ThreadTraffic traffic;

  /** The result. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Time {

    /** From the first interrupt until the last sender has ended, divided by their number. */
    public long nanosPerSender;
  }

  /** Creates the traffic. */
  @Setup
  public void setUp() {
    traffic = (ThreadTraffic) Traffic.of(peer);
  }

  /** Starts the senders, interrupts them and waits for their end. */
  @Benchmark
  public void interrupt(Time time) throws Exception {
    boolean full = peer.equals("ArrayBlockingQueue");
    Scopes.run(scope -> {
      Pipe pipe = traffic.open(scope, full ? 1 : 0);
      if (full) {
        pipe.send(Traffic.ELEMENT);
      }
      var threads = new AtomicReferenceArray<Thread>(senders);
      var ended = new CountDownLatch(senders);
      for (int i = 0; i < senders; i++) {
        int me = i;
        scope.fork(() -> {
          threads.set(me, Thread.currentThread());
          try {
            pipe.send(Traffic.ELEMENT);
          } catch (InterruptedException expected) {
            ended.countDown();
          }
        });
      }
      List<Thread> all = new ArrayList<>();
      for (int i = 0; i < senders; i++) {
        while (threads.get(i) == null || threads.get(i).getState() != Thread.State.WAITING) {
          Thread.sleep(1);
        }
        all.add(threads.get(i));
      }
      Collections.shuffle(all, new Random(1));
      long start = System.nanoTime();
      all.forEach(Thread::interrupt);
      ended.await();
      time.nanosPerSender = (System.nanoTime() - start) / senders;
    });
  }
}
