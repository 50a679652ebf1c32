package dev.holdfast.internal.background;

import dev.holdfast.Outcome.Failure;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelClosedException;
import dev.holdfast.channel.Handler;
import dev.holdfast.channel.Producer;
import dev.holdfast.channel.Receiver;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.internal.cancel.Cancellation;
import dev.holdfast.internal.cancel.Interrupter;
import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.scope.ScopeTask;
import dev.holdfast.internal.scope.ScopeTask.State;
import dev.holdfast.internal.telemetry.Reports;
import dev.holdfast.internal.util.Throwables;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A task that fills or empties a channel. The scope waits for such tasks when its forks have ended.
 */
public abstract sealed class ChannelTask extends ScopeTask {

  private ChannelTask(ScopeImpl scope, String name, int number) {
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
  public Snapshot.Kind kind() {
    return Snapshot.Kind.PUMP;
  }

  @Override
  public void left() {
    ScopeChannels.of(scope).ended();
    scope.backgroundEnded();
  }

  @Override
  public void failed(Throwable thrown, @Nullable Interrupter interrupter) {
    if (scope.isIsolated()) {
      report(thrown); // there is no handle to join
    } else {
      super.failed(thrown, interrupter);
    }
  }

  final void report(Throwable thrown) {
    Reports.unjoined(label(), thrown);
    Throwables.report(Thread.currentThread(), thrown);
  }

  /** A task that sends to a channel and closes it when it ends. */
  public static final class Producing<T> extends ChannelTask {

    private final Channel<T> out;
    private final Producer<T> body;

    /**
     * Whether no thread will receive again. If so, the producer ends at its next send, like a
     * process that writes to a broken pipe. It ends in the same way if a receiver has cancelled the
     * channel.
     */
    private volatile boolean abandoned;

    public Producing(ScopeImpl scope, String name, int number, Channel<T> out, Producer<T> body) {
      super(scope, name, number);
      this.out = out;
      this.body = body;
    }

    @Override
    public @Nullable Object work() throws Exception {
      try {
        body.produce(out);
      } catch (ChannelClosedException e) {
        if (e.getCause() != null || !(abandoned || out.isClosed())) {
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
    public void conclude(
        State state, @Nullable Object result, @Nullable Throwable thrown, long elapsedNanos) {
      Cancellation why = cancellation();
      try {
        if (state == State.SUCCESS) {
          out.close();
        } else if (why != null) {
          out.fail(why.exception());
        } else if (thrown != null) {
          out.fail(thrown);
        }
      } catch (Throwable t) { // thrown by onUndelivered
        scope.failedToClose(t);
      }
    }
  }

  /** A task that handles the elements of a channel until the channel has ended. */
  public static final class Consuming<T> extends ChannelTask {

    private final Receiver<? extends T> from;
    private final Handler<? super T, ?> handler;

    /** Called with each element whose handling has failed; may be null. */
    private final @Nullable Handler<? super Failure<T, @Nullable Void>, ?> onFailure;

    public Consuming(
        ScopeImpl scope,
        String name,
        int number,
        Receiver<? extends T> from,
        Handler<? super T, ?> handler,
        @Nullable Handler<? super Failure<T, @Nullable Void>, ?> onFailure) {
      super(scope, name, number);
      this.from = from;
      this.handler = handler;
      this.onFailure = onFailure;
    }

    @Override
    public @Nullable Object work() throws Exception {
      for (T element; (element = next()) != null; ) {
        try {
          handle(element);
        } catch (Throwable t) {
          if (!scope.isIsolated() || cancellation() != null) {
            throw t;
          }
          report(t); // the next element is handled
        } finally {
          endUserCode();
        }
      }
      return null;
    }

    private void handle(T element) throws Exception {
      if (onFailure == null) {
        handler.handle(element);
        return;
      }
      long begin = Clock.nanoTime();
      try {
        handler.handle(element);
      } catch (Exception e) {
        if (cancellation() != null) {
          throw e;
        }
        endUserCode();
        var elapsed = Duration.ofNanos(Clock.nanoTime() - begin);
        try {
          onFailure.handle(new Failure<>(element, e, elapsed));
        } catch (Throwable t) {
          Throwables.suppress(t, e); // the handler may throw the same object each time
          throw t;
        }
      }
    }

    private @Nullable T next() throws InterruptedException {
      for (; ; ) {
        try {
          return from.receiveOrNull();
        } catch (InterruptedException e) {
          if (cancellation() != null || !(from instanceof Channel)) {
            throw e;
          } // ignores an interrupt from outside, because no handler is running
        }
      }
    }

    @Override
    Object channel() {
      return from;
    }
  }
}
