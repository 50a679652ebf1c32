package dev.holdfast.example;

/**
 * What became of the calls.
 *
 * @param answers how many gave an answer in time
 * @param failures how many failed
 * @param unfinished how many were not done when their time was up
 */
record Tally(int answers, int failures, int unfinished) {

  static final Tally ZERO = new Tally(0, 0, 0);

  Tally answer() {
    return new Tally(answers + 1, failures, unfinished);
  }

  Tally failure() {
    return new Tally(answers, failures + 1, unfinished);
  }

  Tally timeout() {
    return new Tally(answers, failures, unfinished + 1);
  }
}
