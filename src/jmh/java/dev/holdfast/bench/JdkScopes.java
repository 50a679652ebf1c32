package dev.holdfast.bench;

import dev.holdfast.BareScope;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;

/** The JDK's StructuredTaskScope, which a failed subtask cancels. */
final class JdkScopes implements ScopePeer {

  @Override
  public void run(Body body) throws Exception {
    try {
      BareScope scope = BareScope.open();
      try {
        body.run(new Bare(scope));
        scope.join();
      } finally {
        scope.close();
      }
    } catch (Exception | Error e) {
      if (!(e.getCause() instanceof CancellationException)) {
        throw e;
      }
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private record Bare(BareScope scope) implements Open {

    @Override
    public Callable<?> fork(Callable<?> task) throws Exception {
      try {
        scope.fork(task);
      } catch (Exception | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
      return () -> {
        throw new UnsupportedOperationException("only the owner joins");
      };
    }

    @Override
    public void cancel() throws Exception {
      fork(() -> {
        throw new CancellationException();
      });
    }
  }
}
