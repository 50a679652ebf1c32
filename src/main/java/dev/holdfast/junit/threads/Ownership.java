package dev.holdfast.junit.threads;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The threads that a test, or a class of tests, is responsible for. */
public interface Ownership {

  /**
   * {@return whether a thread belongs to the test}
   *
   * @param thread the thread, or null if only its identifier is known
   */
  boolean owns(@Nullable Thread thread, long id);

  /** {@return whether the work of a worker of the common pool belongs to the test} */
  boolean ownsPoolWork(Thread worker);

  /** {@return the frames that created a thread; empty if they are not known} */
  List<StackTraceElement> createdFrom(long id);
}
