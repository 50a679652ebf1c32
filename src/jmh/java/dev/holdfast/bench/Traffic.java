package dev.holdfast.bench;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;

/** The workloads of the benchmarks; every method returns when all elements have arrived. */
interface Traffic {

  /** The element: always the same, so that every byte allocated is the channel's. */
  Integer ELEMENT = 1;

  /** {@return the traffic over the peer of this name} */
  static Traffic of(String peer) {
    return switch (peer) {
      case "holdfast" -> new HoldfastTraffic(false);
      case "holdfast-in-order" -> new HoldfastTraffic(true);
      case "ArrayBlockingQueue" ->
          new QueueTraffic(c -> new QueueTraffic.Blocking(new ArrayBlockingQueue<>(c)));
      case "LinkedBlockingQueue" ->
          new QueueTraffic(c -> new QueueTraffic.Blocking(new LinkedBlockingQueue<>(c)));
      case "SynchronousQueue" ->
          new QueueTraffic(none -> new QueueTraffic.Blocking(new SynchronousQueue<>()));
      case "LinkedTransferQueue" -> new QueueTraffic(none -> new QueueTraffic.Transfer());
      case "Exchanger" -> new QueueTraffic(none -> new QueueTraffic.Exchange());
      default -> ofClass(peer);
    };
  }

  // Peers outside the JDK are in src/jmh-peers, which only -Pjmh compiles.
  private static Traffic ofClass(String peer) {
    try {
      return (Traffic)
          Class.forName(Traffic.class.getPackageName() + "." + peer + "Traffic")
              .getDeclaredConstructor()
              .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException("No such peer: " + peer, e);
    }
  }

  /** One thread sends an element and receives it, again and again. */
  void alone(int capacity, int elements) throws Exception;

  /** The same, with a receive that has a timeout of one second. */
  void aloneTimed(int capacity, int elements) throws Exception;

  /** The same, with operations that do not wait. */
  void aloneTrying(int capacity, int elements) throws Exception;

  /** {@code each} senders and as many receivers on each of the channels. */
  void crowds(int capacity, int channels, int each, int elements) throws Exception;

  /**
   * Channels in a row: a sender, threads that receive from one and send to the next, and a
   * receiver.
   */
  void chain(int capacity, int channels, int elements) throws Exception;

  /** One thread receives from several channels with one sender each. */
  void select(int capacity, int channels, int elements) throws Exception;
}
