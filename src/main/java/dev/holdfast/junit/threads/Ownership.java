package dev.holdfast.junit.threads;

import java.util.List;

/** The threads that a test, or a class of tests, is responsible for. */
public interface Ownership {

  /** {@return whether a thread belongs to the test} */
  boolean owns(long id);

  /** {@return whether the work of a worker of the common pool belongs to the test} */
  boolean ownsPoolWork(Thread worker);

  /** {@return the frames that created a thread; empty if they are not known} */
  List<StackTraceElement> createdFrom(long id);

  /** {@return the names of the tests that may have created a thread, if there are several} */
  List<String> candidates(long id);

  /**
   * {@return whether a shared fixture, such as a cached context or a class initializer, created a
   * thread}
   */
  boolean isShared(long id);

  /** {@return whether a thread is an idle worker of a pool that is older than the test} */
  boolean isInOlderPool(String name, long id, List<StackTraceElement> stack);

  /** {@return whether a thread existed before the test as an idle worker of a pool} */
  boolean wasIdleBefore(Thread worker);

  /** {@return whether it is a test, not a class} */
  boolean isTest();

  /** {@return whether there are such workers; the test may have just submitted a task to one} */
  boolean mayWakeWorkers();
}
