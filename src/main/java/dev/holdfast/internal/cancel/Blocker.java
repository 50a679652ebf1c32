package dev.holdfast.internal.cancel;

import dev.holdfast.inspect.WaitInfo;
import java.util.List;

/**
 * What a thread is parked on inside Holdfast, as it tells of itself to those who take a picture.
 */
public interface Blocker {

  /** {@return how a thread waits for it} */
  WaitInfo.Operation operation();

  /** {@return what it is, in words} */
  String on();

  /** {@return what could wake the thread, by identity; empty if that cannot be told} */
  default List<Object> objects() {
    return List.of();
  }
}
