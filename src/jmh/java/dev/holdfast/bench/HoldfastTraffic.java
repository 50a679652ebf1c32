package dev.holdfast.bench;

import dev.holdfast.Scope;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.Clause;
import dev.holdfast.channel.Select;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;

/** Channels of Holdfast, used by forks of their scope. */
final class HoldfastTraffic extends ThreadTraffic {

  private static final Duration SECOND = Duration.ofSeconds(1);

  private final boolean inOrder;

  /**
   * @param inOrder whether a select takes the first ready clause, rather than any of them
   */
  HoldfastTraffic(boolean inOrder) {
    this.inOrder = inOrder;
  }

  @Override
  Pipe open(Scope scope, int capacity) {
    return new Chan(scope.channel(capacity));
  }

  @Override
  Callable<Integer> select(List<Pipe> pipes) {
    List<Clause<Integer>> clauses =
        pipes.stream()
            .map(pipe -> ((Chan) pipe).channel.onReceive(Function.<Integer>identity()))
            .toList();
    Select<Integer> select = inOrder ? Select.first(clauses) : Select.of(clauses);
    return select::await;
  }

  private record Chan(Channel<Integer> channel) implements Pipe {

    @Override
    public void send(Integer element) throws InterruptedException {
      channel.send(element);
    }

    @Override
    public Integer receive() throws InterruptedException {
      return channel.receive();
    }

    @Override
    public Integer receiveWithinASecond() throws InterruptedException {
      return channel.receive(SECOND);
    }

    @Override
    public boolean trySend(Integer element) {
      return channel.trySend(element);
    }

    @Override
    public Integer tryReceive() {
      return channel.tryReceive();
    }
  }
}
