package dev.holdfast.bench;

import org.openjdk.jmh.annotations.Param;

/**
 * Channels with a buffer.
 *
 * <p>{@code -p peer=JCTools} is for {@code oneToOne} alone, with two carriers and a capacity of
 * more than 1.
 *
 * <pre>mvn -Pjmh verify -Djmh.args="BufferedBenchmark.oneToOne -p capacity=16 -prof gc"</pre>
 */
public class BufferedBenchmark extends HandOver {

  /** The channel or queue. */
  @Param({"holdfast", "ArrayBlockingQueue", "LinkedBlockingQueue", "Jox", "Kotlin"})
  String peer;

  /** How many elements it holds. */
  @Param({"1", "16", "128", "1024"})
  int capacity;

  @Override
  String peer() {
    return peer;
  }

  @Override
  int capacity() {
    return capacity;
  }
}
