package dev.holdfast.groovy;

import dev.holdfast.Scopes;
import dev.holdfast.internal.util.Checks;
import groovy.lang.Closure;
import groovy.transform.stc.ClosureParams;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Methods that Groovy adds to {@link Scopes}; it passes null for the first parameter. */
@SuppressWarnings("unused") // the first parameter
public final class StaticClosures {

  private StaticClosures() {}

  /** Runs a cleanup action in a shield. */
  public static <R extends @Nullable Object> R shield(
      @Nullable Scopes type, Duration atMost, Closure<R> cleanup) throws InterruptedException {
    return Scopes.<R, RuntimeException>shield(atMost, Checks.given(cleanup, "cleanup")::call);
  }

  /** Runs two tasks; returns the first result, and cancels the other task. */
  public static <R extends @Nullable Object> R race(
      @Nullable Scopes type, Closure<? extends R> a, Closure<? extends R> b)
      throws InterruptedException {
    return Scopes.race(Combination.checked(a, b), Closure::call);
  }

  /** Runs two actions. */
  public static void fanOut(@Nullable Scopes type, Closure<?> a, Closure<?> b)
      throws InterruptedException {
    Scopes.fanOut(Combination.checked(a, b), Closure::call);
  }

  /**
   * Runs three actions; or, if the last closure has two parameters, runs the others and passes
   * their results to it.
   */
  public static <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
      @Nullable R fanOut(
          @Nullable Scopes type,
          Closure<A> a,
          Closure<B> b,
          @ClosureParams(
                  value = OrNone.class,
                  options = {"A", "A,B"})
              Closure<R> c)
          throws InterruptedException {
    List<Closure<?>> tasks = Combination.tasks(a, b, c);
    return Combination.of(Scopes.fanOut(tasks, Closure::call), c);
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
          @Nullable Scopes type,
          Closure<A> a,
          Closure<B> b,
          Closure<C> c,
          @ClosureParams(
                  value = OrNone.class,
                  options = {"A", "A,B,C"})
              Closure<R> d)
          throws InterruptedException {
    List<Closure<?>> tasks = Combination.tasks(a, b, c, d);
    return Combination.of(Scopes.fanOut(tasks, Closure::call), d);
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
          @Nullable Scopes type,
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
    return Combination.of(Scopes.fanOut(tasks, Closure::call), e);
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
          @Nullable Scopes type,
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
    return Combination.of(Scopes.fanOut(tasks, Closure::call), f);
  }
}
