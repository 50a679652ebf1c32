package dev.holdfast.groovy;

import dev.holdfast.Restart;
import dev.holdfast.Scope;
import dev.holdfast.ScopeSpec;
import dev.holdfast.Worker;
import dev.holdfast.WorkerBody;
import dev.holdfast.internal.util.Checks;
import groovy.lang.Closure;
import groovy.transform.stc.ClosureParams;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Methods that Groovy adds to objects; the first parameter is the object. */
public final class Closures {

  /*
   * Groovy converts a closure to any functional interface, and Iterable is one. A closure without
   * an arrow may or may not have a parameter. So Groovy cannot choose between Action and
   * WorkerBody, or between two tasks and items with a function. A method that takes closures
   * themselves fits better than both.
   */

  private Closures() {}

  /** Starts a worker whose body may take the worker's handle. */
  public static <V extends @Nullable Object> Worker<V> worker(
      Scope scope,
      @ClosureParams(value = OrNone.class, options = "dev.holdfast.Worker<V>") Closure<?> body) {
    return scope.worker(Closures.<V>body(body));
  }

  /** Starts a worker with a name. */
  public static <V extends @Nullable Object> Worker<V> worker(
      Scope scope,
      String name,
      @ClosureParams(value = OrNone.class, options = "dev.holdfast.Worker<V>") Closure<?> body) {
    return scope.worker(name, Closures.<V>body(body));
  }

  /** Starts a worker that is restarted. */
  public static <V extends @Nullable Object> Worker<V> worker(
      Scope scope,
      Restart restart,
      @ClosureParams(value = OrNone.class, options = "dev.holdfast.Worker<V>") Closure<?> body) {
    return scope.worker(restart, Closures.<V>body(body));
  }

  /** Starts a worker with a name that is restarted. */
  public static <V extends @Nullable Object> Worker<V> worker(
      Scope scope,
      String name,
      Restart restart,
      @ClosureParams(value = OrNone.class, options = "dev.holdfast.Worker<V>") Closure<?> body) {
    return scope.worker(name, restart, Closures.<V>body(body));
  }

  private static <V extends @Nullable Object> WorkerBody<V> body(@Nullable Closure<?> body) {
    Closure<?> code = Checks.given(body, "body");
    return code.getMaximumNumberOfParameters() == 0
        ? worker -> code.call()
        : worker -> code.call(worker);
  }

  /** Runs two tasks; returns the first result, and cancels the other task. */
  public static <R extends @Nullable Object> R race(
      ScopeSpec spec, Closure<? extends R> a, Closure<? extends R> b) throws InterruptedException {
    return spec.race(Combination.checked(a, b), Closure::call);
  }

  /** Runs two actions. */
  public static void fanOut(ScopeSpec spec, Closure<?> a, Closure<?> b)
      throws InterruptedException {
    spec.fanOut(Combination.checked(a, b), Closure::call);
  }

  /**
   * Runs three actions; or, if the last closure has two parameters, runs the others and passes
   * their results to it.
   */
  public static <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
      @Nullable R fanOut(
          ScopeSpec spec,
          Closure<A> a,
          Closure<B> b,
          @ClosureParams(
                  value = OrNone.class,
                  options = {"A", "A,B"})
              Closure<R> c)
          throws InterruptedException {
    List<Closure<?>> tasks = Combination.tasks(a, b, c);
    return Combination.of(spec.fanOut(tasks, Closure::call), c);
  }

  /**
   * Runs four actions; or, if the last closure has three parameters, runs the others and passes
   * their results to it.
   */
  public static <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          R extends @Nullable Object>
      @Nullable R fanOut(
          ScopeSpec spec,
          Closure<A> a,
          Closure<B> b,
          Closure<C> c,
          @ClosureParams(
                  value = OrNone.class,
                  options = {"A", "A,B,C"})
              Closure<R> d)
          throws InterruptedException {
    List<Closure<?>> tasks = Combination.tasks(a, b, c, d);
    return Combination.of(spec.fanOut(tasks, Closure::call), d);
  }

  /**
   * Runs five actions; or, if the last closure has four parameters, runs the others and passes
   * their results to it.
   */
  public static <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          D extends @Nullable Object,
          R extends @Nullable Object>
      @Nullable R fanOut(
          ScopeSpec spec,
          Closure<A> a,
          Closure<B> b,
          Closure<C> c,
          Closure<D> d,
          @ClosureParams(
                  value = OrNone.class,
                  options = {"A", "A,B,C,D"})
              Closure<R> e)
          throws InterruptedException {
    List<Closure<?>> tasks = Combination.tasks(a, b, c, d, e);
    return Combination.of(spec.fanOut(tasks, Closure::call), e);
  }

  /**
   * Runs six actions; or, if the last closure has five parameters, runs the others and passes their
   * results to it.
   */
  public static <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          D extends @Nullable Object,
          E extends @Nullable Object,
          R extends @Nullable Object>
      @Nullable R fanOut(
          ScopeSpec spec,
          Closure<A> a,
          Closure<B> b,
          Closure<C> c,
          Closure<D> d,
          Closure<E> e,
          @ClosureParams(
                  value = OrNone.class,
                  options = {"A", "A,B,C,D,E"})
              Closure<R> f)
          throws InterruptedException {
    List<Closure<?>> tasks = Combination.tasks(a, b, c, d, e, f);
    return Combination.of(spec.fanOut(tasks, Closure::call), f);
  }
}
