package dev.holdfast.bench;

import com.softwaremill.jox.Channel;
import com.softwaremill.jox.Select;
import com.softwaremill.jox.SelectClause;
import dev.holdfast.Scope;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Channels of jox 1.0.0, on the same threads.
 *
 * <p>It has no timed receive; its try operations are selects with a default.
 */
final class JoxTraffic extends ThreadTraffic {

  private static final SelectClause<Boolean> NOT_SENT = Select.defaultClause(false);
  private static final SelectClause<Integer> NOTHING = Select.defaultClause(() -> null);

  @Override
  Pipe open(Scope scope, int capacity) {
    Channel<Integer> channel =
        capacity == 0 ? Channel.newRendezvousChannel() : Channel.newBufferedChannel(capacity);
    return new Chan(channel, channel.receiveClause());
  }

  @Override
  Callable<Integer> select(List<Pipe> pipes) {
    @SuppressWarnings({"unchecked", "rawtypes"})
    SelectClause<Integer>[] clauses =
        pipes.stream().map(pipe -> ((Chan) pipe).clause).toArray(SelectClause[]::new);
    return () -> Select.select(clauses);
  }

  private record Chan(Channel<Integer> channel, SelectClause<Integer> clause) implements Pipe {

    @Override
    public void send(Integer element) throws InterruptedException {
      channel.send(element);
    }

    @Override
    public Integer receive() throws InterruptedException {
      return channel.receive();
    }

    @Override
    public boolean trySend(Integer element) throws InterruptedException {
      return Select.select(channel.sendClause(element, () -> true), NOT_SENT);
    }

    @Override
    public Integer tryReceive() throws InterruptedException {
      return Select.select(clause, NOTHING);
    }
  }
}
