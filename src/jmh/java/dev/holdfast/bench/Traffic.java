package dev.holdfast.bench;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;

/** The ways in which the benchmarks move elements; every method returns when all have arrived. */
interface Traffic {

  /** What is moved: always the same, so that every byte allocated is the channel's. */
  Integer ELEMENT = 1;

  /** {@return the traffic over what is called so} */
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

  // What is not in the JDK is in src/jmh-peers, which only -Pjmh compiles.
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

  /** The same, with a receive that would wait for a second. */
  void aloneTimed(int capacity, int elements) throws Exception;

  /** The same, with operations that do not wait. */
  void aloneTrying(int capacity, int elements) throws Exception;

  /** So many senders and as many receivers on each of so many channels. */
  void crowds(int capacity, int channels, int each, int elements) throws Exception;

  /**
   * So many channels in a row: a sender, threads that receive from one and send to the next, a
   * receiver.
   */
  void chain(int capacity, int channels, int elements) throws Exception;

  /** One thread receives from so many channels, each of which has a sender. */
  void select(int capacity, int channels, int elements) throws Exception;
}
