package dev.holdfast.channel;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** An owner of channels that a test ends. */
final class Life implements Lifetime {

  /** The checkpoint. */
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

  /** The actions to run at its end. */
  List<Runnable> ends() {
    return ends;
  }

  void end() {
    ended = true;
    ends.forEach(Runnable::run);
  }
}
