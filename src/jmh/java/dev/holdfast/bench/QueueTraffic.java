package dev.holdfast.bench;

import dev.holdfast.Scope;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Exchanger;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/** The queues of the JDK. */
final class QueueTraffic extends ThreadTraffic {

  private final IntFunction<Pipe> ofCapacity;

  QueueTraffic(IntFunction<Pipe> ofCapacity) {
    this.ofCapacity = ofCapacity;
  }

  @Override
  Pipe open(Scope scope, int capacity) {
    return ofCapacity.apply(capacity);
  }

  /** A bounded queue. */
  record Blocking(BlockingQueue<Integer> queue) implements Pipe {

    @Override
    public void send(Integer element) throws InterruptedException {
      queue.put(element);
    }

    @Override
    public Integer receive() throws InterruptedException {
      return queue.take();
    }

    @Override
    public Integer receiveWithinASecond() throws InterruptedException {
      return queue.poll(1, TimeUnit.SECONDS);
    }

    @Override
    public boolean trySend(Integer element) {
      return queue.offer(element);
    }

    @Override
    public Integer tryReceive() {
      return queue.poll();
    }
  }

  /** A queue whose senders wait until their element is taken. */
  record Transfer(LinkedTransferQueue<Integer> queue) implements Pipe {

    Transfer() {
      this(new LinkedTransferQueue<>());
    }

    @Override
    public void send(Integer element) throws InterruptedException {
      queue.transfer(element);
    }

    @Override
    public Integer receive() throws InterruptedException {
      return queue.take();
    }
  }

  /** For one sender and one receiver, which exchanges nothing for the element. */
  record Exchange(Exchanger<Integer> exchanger) implements Pipe {

    Exchange() {
      this(new Exchanger<>());
    }

    @Override
    public void send(Integer element) throws InterruptedException {
      exchanger.exchange(element);
    }

    @Override
    public Integer receive() throws InterruptedException {
      return exchanger.exchange(null);
    }
  }
}
