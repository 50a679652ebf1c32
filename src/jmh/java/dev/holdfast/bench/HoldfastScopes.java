package dev.holdfast.bench;

import dev.holdfast.Fork;
import dev.holdfast.Scope;
import dev.holdfast.ScopeCancelledException;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import java.time.Duration;
import java.util.concurrent.Callable;

/** Ours. */
final class HoldfastScopes implements ScopePeer {

  @Override
  public void run(Body body) throws Exception {
    try {
      Scopes.run(scope -> body.run(new Ours(scope)));
    } catch (ScopeCancelledException e) {
      // as asked for
    }
  }

  private record Ours(Scope scope) implements Open {

    @Override
    public Callable<?> fork(Callable<?> task) {
      Fork<?> fork = scope.fork(task);
      return fork::join;
    }

    @Override
    public void cancel() {
      scope.cancel("enough");
    }

    @Override
    public Pipe channel() {
      return new OurPipe(scope.channel(16));
    }

    @Override
    public void after(long nanos, Runnable action) {
      scope.after(Duration.ofNanos(nanos), action::run);
    }
  }

  private record OurPipe(Channel<Integer> channel) implements Pipe {

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
