package dev.holdfast.example;

/**
 * The outcomes of the calls.
 *
 * @param answers how many answered in time
 * @param failures how many failed
 * @param unfinished how many had not ended at the timeout
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
