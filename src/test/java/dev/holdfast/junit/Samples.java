package dev.holdfast.junit;

import dev.holdfast.RootScope;
import dev.holdfast.Scopes;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Exchanger;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Tests that leak, and some that do not. They are run by other tests. */
final class Samples {

  private Samples() {}

  @LeakFree
  static class Clean {
    @Test
    void does_nothing() {}

    @Test
    void ends_what_it_starts() throws Exception {
      Thread.ofVirtual().start(() -> {}).join();
      Thread.ofPlatform().start(() -> {}).join();
      Scopes.run(scope -> scope.fork(() -> {}));
    }

    @Test
    void has_a_task_that_ends_a_little_later() {
      ForkJoinPool.commonPool().execute(() -> {});
    }
  }

  @LeakFree(linger = 20_000)
  static class Late {
    @Test
    void leaves_threads_that_end_300_ms_later() {
      Held.startVirtual(Late::sleep);
      Held.startPlatform(Late::sleep);
    }

    private static void sleep() {
      try {
        Thread.sleep(300);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  @LeakFree(linger = 20)
  static class Leaky {
    @Test
    void virtual_thread() {
      Held.startVirtual(Held::block);
    }

    @Test
    void platform_thread() {
      Held.startPlatform(Held::block);
    }

    @Test
    void twelve_threads() {
      for (int i = 0; i < 12; i++) {
        Held.startVirtual(Held::block);
      }
    }

    @Test
    void busy_common_pool() throws Exception {
      var worker = new CompletableFuture<Thread>();
      ForkJoinPool.commonPool()
          .execute(() -> {
            worker.complete(Thread.currentThread());
            Held.block();
          });
      Poll.untilIn(worker.get(), "block");
    }

    @Test
    void pool_nobody_closes() throws Exception {
      var pool = Held.keep(java.util.concurrent.Executors.newFixedThreadPool(1));
      pool.submit(() -> {}).get();
    }

    @Test
    void root() throws Exception {
      RootScope root = Held.keep(Scopes.named("left-root").open());
      root.run(scope -> {
        scope.worker("left-worker", Held::block);
        scope.fork("left-task", Held::block);
        scope.channel(3);
        scope.after("left-timer", Duration.ofHours(1), () -> {});
        scope.use(() -> {});
      });
    }

    @Test
    void scope_on_a_thread_of_its_own() throws Exception {
      var up = new CountDownLatch(1);
      Held.startPlatform(() -> {
        try {
          Scopes.named("left-scope")
              .run(scope -> {
                up.countDown();
                Held.block();
              });
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      });
      up.await();
    }
  }

  /** The first test ends what was there before and starts as many of its own. */
  @LeakFree(linger = 20)
  static class Reuse {
    static final List<Thread> BEFORE = new ArrayList<>();
    static final CountDownLatch END_BEFORE = new CountDownLatch(1);

    @Test
    void leaves_as_many_as_have_ended() throws Exception {
      END_BEFORE.countDown();
      for (Thread thread : BEFORE) {
        thread.join();
      }
      for (int i = 0; i < 5; i++) {
        Held.startPlatform(Held::block);
      }
    }
  }

  @LeakFree(linger = 20)
  static class Existing {
    @Test
    void finds_threads_that_were_there_before() {}
  }

  @LeakFree(
      linger = 20,
      ignoreTop = {
        "dev.holdfast.junit.Samples$IgnoredTop.spin",
        "dev.holdfast.junit.Samples$IgnoredTop.sleep",
        "dev.holdfast.junit.Held.block"
      })
  static class IgnoredTop {
    private static volatile boolean end;
    private static volatile int spins;

    @Test
    void top() {
      end = false;
      Held.keep(() -> end = true);
      // A virtual one would hold the only carrier of a small machine forever.
      Poll.untilIn(Thread.ofPlatform().daemon().start(IgnoredTop::spin), "spin");
    }

    @Test
    void top_but_for_the_jdk() {
      Held.keep(Held.startVirtual(IgnoredTop::sleep)::interrupt);
    }

    @Test
    void not_the_top() {
      Held.startPlatform(Held::block);
    }

    static void spin() {
      while (!end) {
        spins = (spins + 1) & 7;
      }
    }

    static void sleep() {
      try {
        Thread.sleep(Duration.ofHours(1));
      } catch (InterruptedException e) {
        // its end
      }
    }
  }

  @LeakFree(linger = 20, ignoreAny = "dev.holdfast.junit.Held.blockDeeper")
  static class IgnoredAny {
    @Test
    void virtual() {
      Held.startVirtual(Held::blockDeeper);
    }

    @Test
    void platform() {
      Held.startPlatform(Held::blockDeeper);
    }

    @Test
    void begins_alike_only() {
      Held.startPlatform(Held::block);
    }
  }

  @LeakFree(linger = 20, ignoreCreator = "dev.holdfast.junit.Held.startVirtual")
  static class IgnoredCreator {
    @Test
    void virtual() {
      Held.startVirtual(Held::block);
    }

    @Test
    void platform() {
      Held.startPlatform(Held::block);
    }
  }

  @LeakFree(linger = 20, ignoreThreads = "base-")
  static class RulesOfBase {}

  @LeakFree(ignoreThreads = "own-")
  static class RulesMerged extends RulesOfBase {
    static void leave(String name) {
      Held.start(Thread.ofPlatform().name(name).factory(), Held::block);
    }

    @Test
    @LeakFree(ignoreThreads = "method-")
    void all_three() {
      leave("base-1");
      leave("own-1");
      leave("method-1");
    }

    @Test
    void not_that_of_another_method() {
      leave("base-2");
      leave("own-2");
      leave("method-2");
    }

    @Nested
    class Inner {
      @Test
      @LeakFree(ignoreThreads = "inner-")
      void those_around() {
        leave("base-3");
        leave("own-3");
        leave("inner-3");
      }
    }
  }

  @LeakFree(linger = 20)
  static class Off {
    @Test
    @LeakFree(false)
    void leaks_on_purpose() {
      Held.startVirtual(Held::block);
      Held.startPlatform(Held::block);
    }
  }

  @LeakFree(linger = 20, per = LeakFree.Per.CLASS)
  static class PerClass {
    static final AtomicReference<Thread> FIRST = new AtomicReference<>();
    static volatile boolean leak;

    @Test
    void one_starts_or_ends_it() throws Exception {
      startOrEnd();
    }

    @Test
    void the_other_too() throws Exception {
      startOrEnd();
    }

    private static void startOrEnd() throws Exception {
      Thread before = FIRST.getAndSet(null);
      if (before == null) {
        FIRST.set(
            Held.startVirtual(() -> {
              try {
                Thread.sleep(Duration.ofHours(1));
              } catch (InterruptedException e) {
                // the other test ends it
              }
            }));
      } else if (leak) {
        Held.keep(before::interrupt);
      } else {
        before.interrupt();
        before.join();
      }
    }
  }

  @LeakFree(linger = 20)
  static class LeftByClass {
    @BeforeAll
    static void start() {
      Held.startPlatform(Held::block);
      Held.startVirtual(Held::block);
    }

    @Test
    void is_not_to_blame() {}
  }

  @LeakFree(linger = 20)
  static class Lifecycle {
    private final CountDownLatch end = new CountDownLatch(1);
    private Thread thread;

    @BeforeEach
    void start() {
      thread =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  end.await();
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              });
    }

    @Test
    void ends_in_after_each() {}

    @AfterEach
    void end() throws Exception {
      end.countDown();
      thread.join();
    }
  }

  static class Plain {
    @Test
    void leaks() {
      Held.startVirtual(Held::block);
    }
  }

  @LeakFree(linger = 20)
  static class Repeated {
    @RepeatedTest(2)
    void leaks() {
      Held.startVirtual(Held::block);
    }
  }

  /** Meets in two points: all have begun, the leak is there. */
  @LeakFree(linger = 20)
  static class Parallel {
    static volatile CyclicBarrier meet = new CyclicBarrier(2);

    static void meet() throws Exception {
      meet.await(20, TimeUnit.SECONDS);
    }

    @Test
    void leaks() throws Exception {
      meet();
      Held.startVirtual(Held::block);
      Held.startPlatform(Held::block);
      Held.keep(Scopes.named("left-root").open());
      meet();
      meet();
    }

    /** Creates its thread after the other: two created in the same microsecond may be confused. */
    @Test
    void is_innocent() throws Exception {
      meet();
      meet();
      Thread.ofVirtual().start(() -> {}).join();
      meet();
    }
  }

  /** The thread that the first test leaves creates another one during the second test. */
  @LeakFree(linger = 20)
  @TestMethodOrder(MethodOrderer.MethodName.class)
  static class Heirs {
    private static final Exchanger<Runnable> ORDER = new Exchanger<>();

    @Test
    void a_leaves_a_thread() {
      Held.startPlatform(() -> {
        try {
          ORDER.exchange(() -> {}).run();
          ORDER.exchange(() -> {});
          Held.block();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      });
    }

    @Test
    void b_is_innocent() throws Exception {
      ORDER.exchange(() -> Held.startPlatform(Held::block));
      ORDER.exchange(() -> {}); // it was started
    }
  }

  /** A thread that inherits nothing, created while two tests run: its owner is unknown. */
  @LeakFree(linger = 20)
  static class Unknown {
    static void leak() {
      Held.start(Thread.ofVirtual().inheritInheritableThreadLocals(false).factory(), Held::block);
    }

    @Test
    void one() throws Exception {
      Parallel.meet();
      leak();
      Parallel.meet();
    }

    @Test
    void two() throws Exception {
      Parallel.meet();
      Parallel.meet();
    }
  }

  @LeakFree(linger = 20)
  static class UnknownHere {
    @Test
    void one() throws Exception {
      Parallel.meet();
      Unknown.leak();
      Parallel.meet();
    }
  }

  @LeakFree(linger = 20)
  static class UnknownThere {
    @Test
    void two() throws Exception {
      Parallel.meet();
      Parallel.meet();
    }
  }

  static class BadMethodName {
    @Test
    @LeakFree(ignoreTop = "Held.java:12")
    void bad() {}
  }

  static class BadFileName {
    @Test
    @LeakFree(ignoreAny = "Held.java")
    void bad() {}
  }

  static class BadPrefix {
    @Test
    @LeakFree(ignoreThreads = "")
    void bad() {}
  }

  static class BadLinger {
    @Test
    @LeakFree(linger = 600_001)
    void bad() {}
  }

  static class BadPer {
    @Test
    @LeakFree(per = LeakFree.Per.CLASS)
    void bad() {}
  }
}
