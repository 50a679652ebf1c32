package dev.holdfast.bench;

import static java.lang.invoke.MethodType.methodType;

import com.softwaremill.jox.Channel;
import java.lang.invoke.LambdaConversionException;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;

/** Supervised scopes of jox, looked up because their classes need JDK 25 and --enable-preview. */
final class JoxScopes implements ScopePeer {

  private static final MethodHandle SUPERVISED;
  private static final MethodHandle FORK;
  private static final MethodHandle JOIN;
  private static final MethodHandle SCOPED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      String room = "com.softwaremill.jox.structured.";
      Class<?> scoped = Class.forName(room + "Scoped");
      Class<?> scope = Class.forName(room + "Scope");
      Class<?> fork = Class.forName(room + "Fork");
      SUPERVISED =
          lookup
              .findStatic(
                  Class.forName(room + "Scopes"), "supervised", methodType(Object.class, scoped))
              .asType(methodType(Object.class, Object.class));
      FORK =
          lookup
              .findVirtual(scope, "forkUser", methodType(fork, Callable.class))
              .asType(methodType(Object.class, Object.class, Callable.class));
      JOIN =
          lookup
              .findVirtual(fork, "join", methodType(Object.class))
              .asType(methodType(Object.class, Object.class));
      SCOPED =
          LambdaMetafactory.metafactory(
                  lookup,
                  "run",
                  methodType(scoped, Body.class),
                  methodType(Object.class, scope),
                  lookup.findStatic(
                      JoxScopes.class, "body", methodType(Object.class, Body.class, Object.class)),
                  methodType(Object.class, scope))
              .getTarget()
              .asType(methodType(Object.class, Body.class));
    } catch (ReflectiveOperationException | LambdaConversionException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static Object body(Body body, Object scope) throws Exception {
    body.run(new Supervised(scope));
    return "";
  }

  @Override
  public void run(Body body) throws Exception {
    try {
      Object scoped = (Object) SCOPED.invokeExact(body);
      Object nothing = (Object) SUPERVISED.invokeExact(scoped);
    } catch (Exception | Error e) {
      if (!(e.getCause() instanceof CancellationException)) {
        throw e;
      }
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object call(MethodHandle handle, Object on) throws Exception {
    try {
      return (Object) handle.invokeExact(on);
    } catch (Exception | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private record Supervised(Object scope) implements Open {

    @Override
    public Callable<?> fork(Callable<?> task) throws Exception {
      Object fork;
      try {
        fork = (Object) FORK.invokeExact(scope, (Callable<?>) task);
      } catch (Exception | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
      return () -> call(JOIN, fork);
    }

    @Override
    public void cancel() throws Exception {
      fork(() -> {
        throw new CancellationException();
      });
    }

    @Override
    public Pipe channel() {
      return new JoxPipe(Channel.newBufferedChannel(16));
    }
  }

  private record JoxPipe(Channel<Integer> channel) implements Pipe {

    @Override
    public void send(Integer element) throws InterruptedException {
      channel.send(element);
    }

    @Override
    public Integer receive() throws InterruptedException {
      return channel.receive();
    }
  }
}
