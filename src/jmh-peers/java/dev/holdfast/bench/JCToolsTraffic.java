package dev.holdfast.bench;

import dev.holdfast.Scope;
import org.jctools.queues.SpscArrayQueue;

/**
 * The floor: the queue of JCTools for one producer and one consumer. It cannot block, so a thread
 * that has to wait spins.
 *
 * <p>A virtual thread that spins keeps its carrier, so there must be a carrier for every thread.
 */
final class JCToolsTraffic extends ThreadTraffic {

  private static final int MANY = 100_000_000;

  @Override
  Pipe open(Scope scope, int capacity) {
    return new Spinning(new SpscArrayQueue<>(capacity));
  }

  private record Spinning(SpscArrayQueue<Integer> queue) implements Pipe {

    @Override
    public void send(Integer element) {
      for (int spins = 0; !queue.offer(element); spins++) {
        spin(spins);
      }
    }

    @Override
    public Integer receive() {
      Integer element = queue.poll();
      for (int spins = 0; element == null; spins++) {
        spin(spins);
        element = queue.poll();
      }
      return element;
    }

    @Override
    public boolean trySend(Integer element) {
      return queue.offer(element);
    }

    @Override
    public Integer tryReceive() {
      return queue.poll();
    }

    private static void spin(int spins) {
      if (spins > MANY) {
        throw new IllegalStateException("no counterpart: are there fewer carriers than threads?");
      }
      Thread.onSpinWait();
    }
  }
}
