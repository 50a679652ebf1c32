package dev.holdfast.bench;

import org.openjdk.jmh.annotations.Param;

/**
 * Capacity 0: every send waits for its receiver.
 *
 * <p>{@code -p peer=Exchanger} is for {@code oneToOne} alone.
 *
 * <pre>mvn -Pjmh verify -Djmh.args="Rendezvous -prof gc"</pre>
 */
public class RendezvousBenchmark extends HandOver {

  /** The channel or queue. */
  @Param({"holdfast", "SynchronousQueue", "LinkedTransferQueue", "Jox", "Kotlin"})
  String peer;

  @Override
  String peer() {
    return peer;
  }

  @Override
  int capacity() {
    return 0;
  }
}
