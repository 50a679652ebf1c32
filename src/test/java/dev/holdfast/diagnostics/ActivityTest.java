package dev.holdfast.diagnostics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.Select;
import dev.holdfast.diagnostics.census.ThreadSummarizer;
import dev.holdfast.diagnostics.census.ThreadSummary;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Poll;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.junit.jupiter.api.Test;

/** Threads that block in each way are recognized in a dump of this JVM. */
@LeavesNothing
class ActivityTest {

  private static final boolean STATES = Runtime.version().feature() >= 25;
  private static final boolean PINS = Runtime.version().feature() < 24;

  private interface Code {
    void run() throws Exception;
  }

  private static ThreadSummary site(Thread thread) throws Exception {
    return ThreadDump.here().threads().stream()
        .filter(t -> t.id() == thread.threadId())
        .findAny()
        .map(new ThreadSummarizer()::summarize)
        .orElseThrow();
  }

  /** Waits until a thread is in an operation; on its way there it may be blocked elsewhere. */
  private static ThreadSummary siteIn(Thread thread, String operation) throws Exception {
    Poll.untilBlocked(thread);
    long begun = System.nanoTime();
    ThreadSummary site = site(thread);
    while (!operation.equals(site.operation())) {
      assertTrue(System.nanoTime() - begun < 60_000_000_000L, site::toString);
      site = site(thread);
    }
    return site;
  }

  private static void check(
      ThreadFactory factory, Activity activity, String operation, Code blocked) throws Exception {
    Thread thread =
        factory.newThread(() -> {
          try {
            blocked.run();
          } catch (Exception e) {
            // the interrupt that ends it
          }
        });
    thread.start();
    try {
      ThreadSummary site = siteIn(thread, operation);
      assertEquals(activity, site.activity(), site::toString);
      assertEquals(ActivityTest.class.getName() + ".lambda$" + method(), site.place());
    } finally {
      thread.interrupt();
      thread.join();
    }
  }

  /** The test that called. */
  private static String method() {
    return StackWalker.getInstance()
        .walk(frames -> frames.skip(2).findFirst().orElseThrow().getMethodName());
  }

  @EachThreadKind
  void threads_at_queues_send_or_receive(ThreadFactory factory) throws Exception {
    var full = new ArrayBlockingQueue<Integer>(1);
    full.put(1);
    check(factory, Activity.SEND, "ArrayBlockingQueue.put", () -> full.put(2));
    check(factory, Activity.SEND, "SynchronousQueue.put", () -> new SynchronousQueue<>().put(2));
    var empty = new LinkedBlockingQueue<Integer>();
    check(factory, Activity.RECEIVE, "LinkedBlockingQueue.take", () -> empty.take());
  }

  @EachThreadKind
  void threads_at_locks_are_recognized(ThreadFactory factory) throws Exception {
    var lock = new ReentrantLock();
    var readers = new ReentrantReadWriteLock();
    lock.lock();
    readers.writeLock().lock();
    check(
        factory,
        Activity.LOCK,
        "ReentrantLock.lockInterruptibly",
        () -> {
          lock.lockInterruptibly();
        });
    check(
        factory,
        Activity.LOCK,
        "ReentrantReadWriteLock$ReadLock.lockInterruptibly",
        () -> {
          readers.readLock().lockInterruptibly();
        });
    check(factory, Activity.LOCK, "Semaphore.acquire", () -> new Semaphore(0).acquire());
  }

  @EachThreadKind
  void threads_that_join_are_recognized(ThreadFactory factory) throws Exception {
    var latch = new CountDownLatch(1);
    Thread other = factory.newThread(() -> LockSupport.park());
    other.start();
    check(factory, Activity.JOIN, "CountDownLatch.await", () -> latch.await());
    check(factory, Activity.JOIN, "CompletableFuture.get", () -> new CompletableFuture<>().get());
    check(factory, Activity.JOIN, "Thread.join", () -> other.join());
    LockSupport.unpark(other);
    other.join();
  }

  @EachThreadKind
  void sleeping_and_parked_threads_are_recognized(ThreadFactory factory) throws Exception {
    check(factory, Activity.SLEEP, "Thread.sleep", () -> Thread.sleep(Duration.ofHours(1)));
    check(
        factory,
        Activity.PARK,
        "LockSupport.park",
        () -> {
          while (!Thread.interrupted()) {
            LockSupport.park();
          }
        });
  }

  @EachThreadKind
  void threads_at_monitors_are_recognized(ThreadFactory factory) throws Exception {
    var monitor = new Object();
    if (!PINS || !factory.newThread(() -> {}).isVirtual()) {
      check(
          factory,
          Activity.MONITOR,
          "Object.wait",
          () -> {
            synchronized (monitor) {
              while (true) {
                monitor.wait();
              }
            }
          });
    }
    assumeTrue(STATES, "dumps name the monitor since JDK 25");
    Thread thread = factory.newThread(() -> enter(monitor));
    synchronized (monitor) {
      thread.start();
      ThreadSummary site = siteIn(thread, "the monitor of java.lang.Object");
      assertEquals(Activity.MONITOR, site.activity());
      assertEquals(ActivityTest.class.getName() + ".enter", site.place());
    }
    thread.join();
  }

  private static void enter(Object monitor) {
    synchronized (monitor) {
      assertNotNull(monitor);
    }
  }

  @EachThreadKind
  void threads_in_io_are_recognized(ThreadFactory factory) throws Exception {
    var sockets = new SynchronousQueue<ServerSocket>();
    Thread thread =
        factory.newThread(() -> {
          try {
            accept(sockets.take());
          } catch (Exception e) {
            // it is closed below
          }
        });
    thread.start();
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      sockets.put(server);
      Poll.until(() -> isIn(thread, "accept"));
      ThreadSummary site = site(thread);
      assertEquals(Activity.IO, site.activity());
      assertEquals("ServerSocket.accept", site.operation());
    }
    thread.join();
  }

  private static void accept(ServerSocket server) throws Exception {
    try (InputStream in = server.accept().getInputStream()) {
      in.read();
    }
  }

  /** Whether the JVM shows a thread as blocked; a platform thread in a system call is runnable. */
  private static boolean isIn(Thread thread, String method) {
    StackTraceElement[] stack = thread.getStackTrace();
    boolean waits =
        thread.isVirtual()
            ? thread.getState() == Thread.State.WAITING
            : stack.length > 0 && stack[0].isNativeMethod();
    return waits && java.util.Arrays.stream(stack).anyMatch(f -> f.getMethodName().equals(method));
  }

  @EachThreadKind
  void running_threads_are_recognized(ThreadFactory factory) throws Exception {
    var running = new CountDownLatch(1);
    var stop = new AtomicBoolean();
    Thread thread =
        factory.newThread(() -> {
          running.countDown();
          while (!stop.get()) {
            Thread.onSpinWait();
          }
        });
    thread.start();
    try {
      running.await();
      assertEquals(Activity.RUNNING, site(thread).activity());
    } finally {
      stop.set(true);
      thread.join();
    }
  }

  @Test
  void operations_of_holdfast_are_recognized() throws Exception {
    Scopes.named("app")
        .run(scope -> {
          Channel<String> none = scope.channel(0);
          Channel<String> empty = scope.channel(1);
          scope.fork("send", () -> none.send("x"));
          scope.fork(
              "receive",
              () -> {
                empty.receive();
              });
          scope.fork("each", () -> empty.forEach(x -> {}));
          scope.fork(
              "select",
              () -> {
                Select.of(empty.onReceive(x -> x)).await();
              });
          var sleep =
              scope.fork(
                  "sleep",
                  () -> {
                    Thread.sleep(Duration.ofHours(1));
                  });
          scope.fork("join", () -> sleep.join());
          scope.fork(
              "scope",
              () ->
                  Scopes.named("inner")
                      .run(inner -> {
                        inner.fork("inner task", () -> Thread.sleep(Duration.ofHours(1)));
                      }));
          scope.every(Duration.ofHours(1), () -> {});
          holds("send", Activity.SEND, "RingChannel.send");
          holds("receive", Activity.RECEIVE, "RingChannel.receive");
          holds("each", Activity.RECEIVE, "RingChannel.forEach");
          holds("select", Activity.SELECT, "Select.await");
          holds("sleep", Activity.SLEEP, "Thread.sleep");
          holds("join", Activity.JOIN, "Fork.join");
          holds("scope", Activity.JOIN, "ScopeSpec.run");
          holds("inner task", Activity.SLEEP, "Thread.sleep");
          String text = Census.of(ThreadDump.here()).toText(50);
          String indent = "\n      #";
          String tree = text.substring(text.indexOf("\nScopes and their tasks:"));
          assertTrue(tree.contains("\n  app of #"), tree);
          assertTrue(tree.contains("\n    inner of #"), tree);
          assertTrue(tree.matches("(?s).*" + indent + "\\d+ inner task: SLEEP .*"), tree);
          scope.cancel("seen");
        });
  }

  private static void holds(String name, Activity activity, String operation) {
    var seen = new ThreadSummary[1];
    Poll.until(() -> {
      seen[0] = named(name);
      return seen[0] != null && operation.equals(seen[0].operation());
    });
    assertEquals(activity, seen[0].activity(), name);
  }

  private static ThreadSummary named(String name) {
    try {
      return ThreadDump.here().threads().stream()
          .filter(t -> t.name().equals(name))
          .map(new ThreadSummarizer()::summarize)
          .findAny()
          .orElse(null);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
