package dev.holdfast.example;

import java.time.Duration;

/**
 * The durations of a run.
 *
 * @param timeout the timeout of a call
 * @param slow how long the slow supplier takes, less than the timeout
 * @param hang how long the hanging suppliers take, much more than the timeout
 * @param requestsAfter how long requests may run on after a way's call
 * @param threadsAfter how long threads may run on; Holdfast's own thread may idle for a second
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
