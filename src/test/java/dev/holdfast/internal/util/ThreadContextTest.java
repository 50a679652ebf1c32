package dev.holdfast.internal.util;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.holdfast.RootScope;
import dev.holdfast.Scopes;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import io.micrometer.context.ContextRegistry;
import java.lang.reflect.Method;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Assumptions;

@LeavesNothing
class ThreadContextTest {

  private static final ThreadLocal<String> PLAIN = new ThreadLocal<>();
  private static final InheritableThreadLocal<String> INHERITED = new InheritableThreadLocal<>();

  @EachThreadKind
  void the_body_keeps_its_thread_and_its_thread_locals(ThreadFactory threads) {
    var call =
        OnThread.start(
            threads,
            () -> {
              PLAIN.set("body");
              Thread caller = Thread.currentThread();
              return Scopes.call(scope -> {
                assertSame(caller, Thread.currentThread());
                return PLAIN.get();
              });
            });
    assertEquals("body", call.value());
  }

  @EachThreadKind
  void inheritable_thread_locals_reach_tasks_and_plain_ones_do_not(ThreadFactory threads) {
    OnThread.run(
            () -> {
              INHERITED.set("inherited");
              PLAIN.set("plain");
              Scopes.named("context")
                  .threads(threads)
                  .run(scope ->
                      scope.fork(() -> {
                        assertEquals("inherited", INHERITED.get());
                        assertNull(PLAIN.get());
                      }));
              assertEquals(
                  List.of("inherited"), Scopes.fanOut(List.of(1), item -> INHERITED.get()));
            })
        .value();
  }

  @EachThreadKind
  void registered_thread_locals_reach_tasks_and_nested_ones(ThreadFactory threads)
      throws Exception {
    ContextRegistry.getInstance().registerThreadLocalAccessor("holdfast.test", PLAIN);
    try {
      OnThread.run(
              () -> {
                PLAIN.set("around");
                Scopes.named("context")
                    .threads(threads)
                    .run(scope -> {
                      assertEquals("around", scope.fork(() -> PLAIN.get()).join());
                      PLAIN.set("later");
                      scope
                          .fork(() -> {
                            assertEquals("later", PLAIN.get());
                            assertEquals(
                                List.of("later"), Scopes.fanOut(List.of(1), item -> PLAIN.get()));
                            PLAIN.set("mine");
                          })
                          .join();
                      assertEquals("later", PLAIN.get());
                    });
              })
          .value();
    } finally {
      ContextRegistry.getInstance().removeThreadLocalAccessor("holdfast.test");
    }
  }

  @EachThreadKind
  void a_call_of_a_root_sees_only_the_registered_thread_locals_of_its_caller(ThreadFactory threads)
      throws Exception {
    ContextRegistry.getInstance().registerThreadLocalAccessor("holdfast.test", PLAIN);
    try {
      OnThread.run(
              threads,
              () -> {
                INHERITED.set("inherited");
                PLAIN.set("opener");
                try (RootScope root = Scopes.open()) {
                  PLAIN.set("first");
                  assertEquals("first", root.call(scope -> PLAIN.get()));
                  PLAIN.set("second");
                  assertEquals("second", root.call(scope -> scope.fork(() -> PLAIN.get())).join());
                  PLAIN.remove();
                  assertNull(root.call(scope -> PLAIN.get()));
                  assertNull(root.call(scope -> INHERITED.get()));
                }
              })
          .value();
    } finally {
      ContextRegistry.getInstance().removeThreadLocalAccessor("holdfast.test");
    }
  }

  @EachThreadKind
  void scoped_values_reach_tasks(ThreadFactory threads) throws Exception {
    Class<?> type = Class.forName("java.lang.ScopedValue");
    Assumptions.assumeTrue(Runtime.version().feature() >= 25, "a preview API before");
    Object value = type.getMethod("newInstance").invoke(null);
    Object carrier = type.getMethod("where", type, Object.class).invoke(null, value, "scoped");
    Method get = type.getMethod("get");
    var seen = new AtomicReference<Object>();
    Runnable work =
        () -> {
          try {
            Callable<Object> read = () -> get.invoke(value);
            Scopes.named("context")
                .threads(threads)
                .run(scope ->
                    scope.fork(() -> seen.set(Scopes.fanOut(List.of(1), i -> read.call()))));
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        };
    Class.forName("java.lang.ScopedValue$Carrier")
        .getMethod("run", Runnable.class)
        .invoke(carrier, work);
    assertEquals(List.of("scoped"), seen.get());
  }
}
