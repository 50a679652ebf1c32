package dev.holdfast.channel;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What the channels of a test belong to; it ends when the test says so. */
final class Life implements Lifetime {

  /** What a checkpoint does. */
  interface Check {
    void check() throws InterruptedException;
  }

  private final List<Runnable> ends = new CopyOnWriteArrayList<>();
  private volatile boolean ended;
  private volatile Check check = () -> {};

  @Override
  public void onEnd(Runnable end) {
    if (ended) {
      throw new IllegalStateException("this life has ended");
    }
    ends.add(end);
  }

  @Override
  public void checkpoint() throws InterruptedException {
    try {
      check.check();
    } catch (InterruptedException e) {
      takeFlag();
      throw e;
    }
  }

  /** The exception stands for the interrupt. */
  private static void takeFlag() {
    Thread.interrupted();
  }

  void checksWith(Check by) {
    check = by;
  }

  /** What it has been told to do at its end. */
  List<Runnable> ends() {
    return ends;
  }

  void end() {
    ended = true;
    ends.forEach(Runnable::run);
  }
}
