package dev.holdfast.internal.util;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Announces threads of the library that inherit nothing from the thread that creates them. */
public final class ThreadBirths {

  private static volatile @Nullable Consumer<Thread> listener;

  private ThreadBirths() {}

  /** Calls the listener for each such thread from now on, on the thread that creates it. */
  public static void listen(Consumer<Thread> to) {
    listener = to;
  }

  /** Announces a thread. */
  public static void created(Thread thread) {
    Consumer<Thread> to = listener;
    if (to != null) {
      to.accept(thread);
    }
  }
}
