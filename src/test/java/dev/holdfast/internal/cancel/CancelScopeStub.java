package dev.holdfast.internal.cancel;

import dev.holdfast.Deadline;

/** A scope directly in a thread scope, without a deadline and without running code. */
class CancelScopeStub extends CancelScope {

  private final ThreadScope threadScope;

  CancelScopeStub(ThreadScope threadScope) {
    super(1);
    this.threadScope = threadScope;
  }

  @Override
  public ThreadScope threadScope() {
    return threadScope;
  }

  @Override
  public CancelScope outer() {
    return threadScope;
  }

  @Override
  public Deadline deadline() {
    return Deadline.NONE;
  }

  @Override
  public String label() {
    return "The scope";
  }

  @Override
  public boolean hasEnded() {
    return false;
  }

  @Override
  public String running() {
    return "";
  }
}
