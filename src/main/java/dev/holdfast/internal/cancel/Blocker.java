package dev.holdfast.internal.cancel;

import dev.holdfast.inspect.WaitInfo;
import java.util.List;

/**
 * The reason why a thread is parked inside Holdfast: the object that {@link
 * java.util.concurrent.locks.LockSupport#getBlocker} returns, which describes the wait for
 * snapshots and reports.
 */
public interface Blocker {

  /** {@return the operation that waits} */
  WaitInfo.Operation operation();

  /** {@return what it waits for, in words} */
  String on();

  /** {@return the objects that can wake the thread, by identity; empty if they are unknown} */
  default List<Object> objects() {
    return List.of();
  }

  /**
   * A wait for something that happens in a scope.
   *
   * @param scope where it happens
   */
  record Of(WaitInfo.Operation operation, CancelScope scope, String on) implements Blocker {

    @Override
    public List<Object> objects() {
      return List.of(scope);
    }

    @Override
    public String toString() {
      return on;
    }
  }
}
