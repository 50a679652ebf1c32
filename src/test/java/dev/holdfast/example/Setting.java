package dev.holdfast.example;

import java.time.Duration;

/**
 * The times of a run.
 *
 * @param timeout how long an answer may take
 * @param slow how long the slow supplier takes, less than the time-out
 * @param hang how long the hanging suppliers take, much more than it
 * @param requestsAfter when the requests are counted, from the end of a way's call
 * @param threadsAfter when the threads are counted; Holdfast's own thread may idle for a second
 */
record Setting(
    Duration timeout, Duration slow, Duration hang, Duration requestsAfter, Duration threadsAfter) {

  static final Setting USUAL =
      new Setting(
          Duration.ofMillis(800),
          Duration.ofMillis(400),
          Duration.ofSeconds(10),
          Duration.ofMillis(1000),
          Duration.ofMillis(1500));
}
