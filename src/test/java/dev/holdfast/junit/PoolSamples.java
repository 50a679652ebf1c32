package dev.holdfast.junit;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Tests that share pools and servers with others. They are run by other tests. */
final class PoolSamples {

  private PoolSamples() {}

  private static ExecutorService pool() {
    return Held.keep(Executors.newCachedThreadPool());
  }

  /** Starts when the class is initialized, and is never closed. */
  abstract static class Base {
    static final ExecutorService POOL = Executors.newFixedThreadPool(2, Base::daemon);
    static final ForkJoinPool FORK_JOIN = new ForkJoinPool(2);
    static final Thread SERVER = startServer();

    static Thread daemon(Runnable run) {
      Thread thread = new Thread(run, "shared");
      thread.setDaemon(true);
      return thread;
    }

    private static Thread startServer() {
      Thread thread =
          daemon(() -> {
            try (var server = new ServerSocket(0)) {
              server.accept();
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          });
      thread.start();
      return thread;
    }
  }

  @LeakFree(linger = 20_000)
  static class Statics extends Base {
    @Test
    void uses_a_pool() throws Exception {
      POOL.submit(() -> {}).get();
    }

    @Test
    void uses_another_thread_of_it() throws Exception {
      Future<?> one = POOL.submit(() -> {});
      Future<?> two = POOL.submit(() -> {});
      one.get();
      two.get();
    }

    @Test
    void uses_a_fork_join_pool() throws Exception {
      FORK_JOIN.submit(() -> {}).get();
    }

    @Test
    void uses_the_default_group_of_channels() throws Exception {
      try (var server =
              AsynchronousServerSocketChannel.open().bind(new InetSocketAddress("localhost", 0));
          var client = AsynchronousSocketChannel.open()) {
        Future<AsynchronousSocketChannel> accepted = server.accept();
        client.connect(server.getLocalAddress()).get();
        accepted.get().close();
        client.read(ByteBuffer.allocate(1)).get();
      }
    }
  }

  /** The pool is in no field of the class, and has no thread before the second test. */
  @LeakFree(linger = 2_000) // time for workers to become idle
  @TestMethodOrder(MethodOrderer.MethodName.class)
  static class Earlier {
    private static final Object[] KEPT = new Object[1];

    static ExecutorService kept() {
      return (ExecutorService) KEPT[0];
    }

    @Test
    @LeakFree(false)
    void a_makes_a_pool() throws Exception {
      KEPT[0] = pool();
      kept().submit(() -> {}).get();
    }

    @Test
    void b_uses_it() throws Exception {
      kept().submit(() -> {}).get();
    }

    @Test
    void c_starts_a_thread_from_inside() throws Exception {
      kept().submit(() -> Held.startPlatform(Held::block)).get();
    }

    @Test
    void d_leaves_a_task_in_it() throws Exception {
      var started = new CountDownLatch(1);
      kept()
          .execute(() -> {
            started.countDown();
            Held.block();
          });
      started.await();
    }

    @Test
    void e_is_not_to_blame() {}
  }

  /** Starts one thread for all subclasses, or one for each. */
  abstract static class Fixture {
    static volatile boolean each;
    private static Thread server;

    @BeforeAll
    static void startServer() {
      if (server == null || each) {
        server = Held.startPlatform(Held::block);
      }
    }

    static void reset(boolean forEach) {
      server = null;
      each = forEach;
    }

    @Test
    void uses_it() {}
  }

  @LeakFree(linger = 20)
  static class OneUser extends Fixture {}

  @LeakFree(linger = 20)
  static class AnotherUser extends Fixture {}

  interface PackagePrivate {
    int one();
  }

  @LeakFree(linger = 20_000)
  static class Neighbours {
    @AutoClose final ExecutorService pool = Executors.newFixedThreadPool(1);

    @Test
    void closes_a_field_after_all_else() throws Exception {
      pool.submit(() -> {}).get();
    }

    @Test
    void defines_a_proxy() {
      ClassLoader loader = Thread.currentThread().getContextClassLoader();
      ((PackagePrivate)
              Proxy.newProxyInstance(
                  loader, new Class<?>[] {PackagePrivate.class}, (proxy, method, args) -> 1))
          .one();
    }
  }

  @LeakFree(linger = 20)
  static class LazyStatic {
    static final class Holder {
      static final Thread THREAD = Held.startPlatform(Held::block);

      private Holder() {}
    }

    @Test
    void initializes_a_class() {
      Holder.THREAD.isAlive();
    }
  }

  /** What a class initializer starts is a leak here. */
  @LeakFree(linger = 20, presets = false)
  static class NoPresets {
    static final class Lazy {
      static final Thread THREAD = Held.startPlatform(Held::block);

      private Lazy() {}
    }

    @Test
    void initializes_a_class() {
      Lazy.THREAD.isAlive();
    }
  }

  @LeakFree(linger = 20, ignoreCreator = "dev.holdfast.junit.PoolSamples$Factory.*")
  static class IgnoredPrefix {
    @Test
    void ignored() {
      Factory.make();
    }

    @Test
    void deep_in_the_stack() {
      Factory.deep(100);
    }

    @Test
    void another() {
      Held.startPlatform(Held::block);
    }
  }

  static final class Factory {
    private Factory() {}

    static void make() {
      Held.startPlatform(Held::block);
    }

    static void deep(int depth) {
      Below.call(depth);
    }
  }

  static final class Below {
    private Below() {}

    static void call(int depth) {
      if (depth > 0) {
        call(depth - 1);
      } else {
        Held.startPlatform(Held::block);
      }
    }
  }
}
