package dev.holdfast.testing;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.CountDownLatch;

/** Ways to block a thread. */
public final class Blocked {

  private Blocked() {}

  /** Blocks until it is interrupted; never returns. */
  @SuppressWarnings("TypeParameterUnusedInFormals")
  public static <T> T forever() throws InterruptedException {
    new CountDownLatch(1).await();
    throw new AssertionError();
  }

  /** Blocks until the latch opens; swallows interrupts. */
  public static void stubbornly(CountDownLatch latch) {
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException swallowed) {
        Thread.onSpinWait();
      }
    }
  }

  /** Keeps its thread, and on a virtual one the carrier, until the latch opens. */
  public static void spinning(CountDownLatch latch) {
    while (latch.getCount() > 0) {
      Thread.onSpinWait();
    }
  }

  /** Runs an action under a native frame: a virtual thread that waits in it keeps its carrier. */
  public static void pinned(Runnable wait) {
    var loader =
        new ClassLoader(null) {
          @Override
          protected Class<?> findClass(String name) throws ClassNotFoundException {
            wait.run();
            throw new ClassNotFoundException(name);
          }
        };
    assertThrows(ClassNotFoundException.class, () -> Class.forName("none", false, loader));
  }
}
