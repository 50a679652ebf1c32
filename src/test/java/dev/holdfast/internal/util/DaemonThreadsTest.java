package dev.holdfast.internal.util;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class DaemonThreadsTest {

  @Test
  void a_thread_is_a_daemon_that_is_not_started() {
    Thread thread = DaemonThreads.make("name", () -> {});
    assertEquals("name", thread.getName());
    assertTrue(thread.isDaemon());
    assertFalse(thread.isVirtual());
    assertSame(Thread.State.NEW, thread.getState());
  }

  /** The creating thread has a group, a class loader and an inheritable value of its own. */
  @Test
  void it_inherits_nothing_of_the_thread_that_makes_it() throws Exception {
    var inheritable = new InheritableThreadLocal<String>();
    var made = new AtomicReference<Thread>();
    var inherited = new AtomicReference<String>("not run");
    var group = new ThreadGroup("application");
    try (var loader = new URLClassLoader(new URL[0])) {
      var maker =
          new Thread(
              group,
              () -> {
                inheritable.set("value");
                made.set(DaemonThreads.make("made", () -> inherited.set(inheritable.get())));
              });
      maker.setContextClassLoader(loader);
      maker.start();
      maker.join();
    }
    Thread thread = made.get();
    assertSame(DaemonThreads.class.getClassLoader(), thread.getContextClassLoader());
    assertNull(thread.getThreadGroup().getParent());
    thread.start();
    thread.join();
    assertNull(inherited.get());
  }
}
