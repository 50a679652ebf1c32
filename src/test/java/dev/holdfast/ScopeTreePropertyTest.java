package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Random trees of scopes: whatever happens in them, they end, and end right. */
class ScopeTreePropertyTest {

  /** What a task or body does. */
  sealed interface Step {}

  record Add(int value) implements Step {}

  record Throw() implements Step {}

  record Pause(int millis) implements Step {}

  record Cancel() implements Step {}

  record InterruptCaller() implements Step {}

  record ForkIt(Tree tree) implements Step {}

  record Nest(Tree tree, boolean guarded) implements Step {}

  /** A scope: its timeout in ms or 0, its limit or 0, and what its body does. */
  record Tree(int timeout, int limit, boolean isolated, boolean joins, List<Step> steps) {}

  private static Arbitrary<Step> leaf() {
    return Arbitraries.frequencyOf(
        net.jqwik.api.Tuple.of(8, Arbitraries.integers().between(1, 9).map(Add::new)),
        net.jqwik.api.Tuple.of(1, Arbitraries.just(new Throw())),
        net.jqwik.api.Tuple.of(2, Arbitraries.integers().between(1, 4).map(Pause::new)),
        net.jqwik.api.Tuple.of(1, Arbitraries.just(new Cancel())),
        net.jqwik.api.Tuple.of(1, Arbitraries.just(new InterruptCaller())));
  }

  private static Arbitrary<Tree> tree(int depth) {
    Arbitrary<Step> step = leaf();
    if (depth > 0) {
      Arbitrary<Tree> below = Arbitraries.lazy(() -> tree(depth - 1));
      step =
          Arbitraries.frequencyOf(
              net.jqwik.api.Tuple.of(3, leaf()),
              net.jqwik.api.Tuple.of(3, below.map(ForkIt::new)),
              net.jqwik.api.Tuple.of(
                  1, Combinators.combine(below, Arbitraries.of(true, false)).as(Nest::new)));
    }
    Arbitrary<Integer> timeout =
        Arbitraries.frequency(
            net.jqwik.api.Tuple.of(6, 0),
            net.jqwik.api.Tuple.of(1, 2),
            net.jqwik.api.Tuple.of(3, 60_000));
    return Combinators.combine(
            timeout,
            Arbitraries.of(0, 0, 1, 2),
            Arbitraries.of(false, false, false, true),
            Arbitraries.of(true, false),
            step.list().ofMaxSize(4))
        .as(Tree::new);
  }

  @Provide
  Arbitrary<Tree> trees() {
    return tree(4);
  }

  private static boolean has(Tree tree, Class<?> what) {
    return tree.steps.stream()
        .anyMatch(step ->
            what.isInstance(step)
                || (step instanceof ForkIt f && has(f.tree, what))
                || (step instanceof Nest n && has(n.tree, what)));
  }

  private static boolean expires(Tree tree) {
    return tree.timeout == 2
        || tree.steps.stream()
            .anyMatch(step ->
                (step instanceof ForkIt f && expires(f.tree))
                    || (step instanceof Nest n && expires(n.tree)));
  }

  private static int sum(Tree tree) {
    int sum = 0;
    for (Step step : tree.steps) {
      sum +=
          switch (step) {
            case Add add -> add.value;
            case ForkIt fork -> sum(fork.tree);
            case Nest nest -> sum(nest.tree);
            default -> 0;
          };
    }
    return sum;
  }

  private static final class Marker extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static final class Run {
    final Set<Throwable> thrown = ConcurrentHashMap.newKeySet();
    final Set<Throwable> reported = ConcurrentHashMap.newKeySet();
    final AtomicInteger live = new AtomicInteger();
    final ThreadFactory threads;
    volatile Thread caller;
    volatile boolean interrupted;

    Run(boolean virtual) {
      Thread.UncaughtExceptionHandler handler = (thread, failure) -> hear(failure);
      threads =
          virtual
              ? Thread.ofVirtual().uncaughtExceptionHandler(handler).factory()
              : Thread.ofPlatform().uncaughtExceptionHandler(handler).factory();
    }

    void hear(Throwable failure) {
      var open = new ArrayDeque<Throwable>();
      Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
      open.add(failure);
      for (Throwable t; (t = open.poll()) != null; ) {
        if (seen.add(t)) {
          reported.add(t);
          Collections.addAll(open, t.getSuppressed());
          if (t.getCause() != null) {
            open.add(t.getCause());
          }
        }
      }
    }

    int call(Tree tree) throws InterruptedException {
      ScopeSpec spec = Scopes.named("tree").threads(threads);
      spec = tree.timeout > 0 ? spec.timeout(Duration.ofMillis(tree.timeout)) : spec;
      spec = tree.limit > 0 ? spec.limit(tree.limit) : spec;
      spec = tree.isolated ? spec.isolated() : spec;
      return spec.<Integer, RuntimeException>call(scope -> body(scope, tree));
    }

    private int body(Scope scope, Tree tree) throws InterruptedException {
      int sum = 0;
      var forks = new ArrayList<Fork<Integer>>();
      for (Step step : tree.steps) {
        switch (step) {
          case Add add -> sum += add.value;
          case Throw t -> {
            var marker = new Marker();
            thrown.add(marker);
            throw marker;
          }
          case Pause pause ->
              assertFalse(new CountDownLatch(1).await(pause.millis, TimeUnit.MILLISECONDS));
          case Cancel c -> scope.cancel("a step");
          case InterruptCaller i -> {
            interrupted = true;
            caller.interrupt();
          }
          case ForkIt fork -> forks.add(scope.fork(() -> task(fork.tree)));
          case Nest nest -> sum += nested(nest);
        }
      }
      if (tree.joins) {
        scope.join();
      }
      for (Fork<Integer> fork : forks) {
        sum += fork.join();
      }
      return sum;
    }

    private int task(Tree tree) throws InterruptedException {
      live.incrementAndGet();
      try {
        return call(tree);
      } finally {
        live.decrementAndGet();
      }
    }

    private int nested(Nest nest) throws InterruptedException {
      try {
        return call(nest.tree);
      } catch (RuntimeException e) {
        if (!nest.guarded) {
          throw e;
        }
        hear(e);
        return 0;
      }
    }
  }

  @Property(tries = 1500)
  void a_random_tree_of_scopes_ends_as_the_rules_say(
      @ForAll("trees") Tree tree, @ForAll boolean virtual) {
    var run = new Run(virtual);
    var call =
        OnThread.start(
            run.threads,
            () -> {
              run.caller = Thread.currentThread();
              return run.call(tree);
            });
    Throwable out = call.thrown();
    boolean flag = call.flag();
    assertEquals(0, run.live.get(), "tasks that live");
    Poll.until(() -> ThreadScope.count() == 0);
    assertEquals(0, ThreadScope.count(), "threads in Holdfast");

    boolean interrupts = has(tree, InterruptCaller.class);
    boolean cancels = has(tree, Cancel.class);
    boolean throwsIt = has(tree, Throw.class);
    if (!interrupts) {
      assertFalse(flag, "an interrupt escaped");
      assertFalse(out instanceof InterruptedException, () -> "an interrupt escaped: " + out);
    } else if (!cancels && !throwsIt && !expires(tree)) {
      assertTrue(
          flag || out instanceof InterruptedException || !run.interrupted,
          () -> "an interrupt was lost; out came " + out);
    }
    if (!interrupts && !cancels && !throwsIt && !expires(tree)) {
      assertEquals(sum(tree), call.value());
    }
    if (out != null) {
      run.hear(out);
      assertInstanceOf(Exception.class, out);
    }
    if (!cancels) {
      // After an explicit cancel a body may return its value; other exceptions are dropped then.
      var lost = new ArrayList<>(run.thrown);
      lost.removeAll(run.reported);
      assertEquals(List.of(), lost, "failures that were lost; out came " + out);
    }
  }
}
