package dev.holdfast;

import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelClosedException;
import dev.holdfast.channel.Handler;
import dev.holdfast.channel.Producer;
import dev.holdfast.channel.Receiver;
import org.jspecify.annotations.Nullable;

/** A task that fills or empties a channel. The scope waits for it after its forks. */
abstract sealed class Pump extends Child {

  private Pump(ScopeFrame scope, String name, int number) {
    super(scope, name, number);
  }

  /** {@return the channel it fills or empties} */
  abstract Object channel();

  boolean fills(Object channel) {
    return this instanceof Producing<?> && channel() == channel;
  }

  boolean empties(Object channel) {
    return this instanceof Consuming<?> && channel() == channel;
  }

  @Override
  void left() {
    scope.conduits().ended();
    scope.besideEnded();
  }

  @Override
  void failed(Throwable thrown, @Nullable Nag nag) {
    if (scope.isIsolated()) {
      Failures.report(Thread.currentThread(), thrown); // there is no handle to join
    } else {
      super.failed(thrown, nag);
    }
  }

  /** Closes its channel by ending. */
  static final class Producing<T> extends Pump {

    private final Channel<T> out;
    private final Producer<T> body;

    /** Nobody is left who could receive: like the writer of a pipe it ends at its next send. */
    private volatile boolean abandoned;

    Producing(ScopeFrame scope, String name, int number, Channel<T> out, Producer<T> body) {
      super(scope, name, number);
      this.out = out;
      this.body = body;
    }

    @Override
    @Nullable Object work() throws Exception {
      try {
        body.produce(out);
      } catch (ChannelClosedException e) {
        if (!abandoned || e.getCause() != null) {
          throw e;
        }
      }
      return null;
    }

    void abandon() {
      abandoned = true;
      out.close();
    }

    @Override
    Object channel() {
      return out;
    }

    @Override
    void conclude(Fork.State state, @Nullable Object result, @Nullable Throwable thrown) {
      Cancellation why = cancellation();
      try {
        if (state == Fork.State.SUCCESS) {
          out.close();
        } else if (why != null) {
          out.fail(why.exception());
        } else if (thrown != null) {
          out.fail(thrown);
        }
      } catch (Throwable t) { // of onUndelivered
        scope.failedToClose(t);
      }
    }
  }

  /** Handles what comes out of a channel until that has ended. */
  static final class Consuming<T> extends Pump {

    private final Receiver<? extends T> from;
    private final Handler<? super T, ?> handler;

    Consuming(
        ScopeFrame scope,
        String name,
        int number,
        Receiver<? extends T> from,
        Handler<? super T, ?> handler) {
      super(scope, name, number);
      this.from = from;
      this.handler = handler;
    }

    @Override
    @Nullable Object work() throws Exception {
      for (T element; (element = from.receiveOrNull()) != null; ) {
        try {
          handler.handle(element);
        } catch (Throwable t) {
          if (!scope.isIsolated() || cancellation() != null) {
            throw t;
          }
          Failures.report(Thread.currentThread(), t); // and on with the next
        }
      }
      return null;
    }

    @Override
    Object channel() {
      return from;
    }
  }
}
