package dev.holdfast.internal.background;

import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.channel.Lifetime;
import dev.holdfast.channel.Receiver;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.scope.ForkTask;
import java.util.function.BooleanSupplier;

/**
 * A channel without elements that closes when a task has ended, so that a select can wait for the
 * task. All selects on one task share it.
 */
public final class JoinSignal implements Runnable, Lifetime {

  private final BooleanSupplier isDone;
  private final Runnable beforeWait;
  private final Channel<Object> ended;

  /**
   * Creates a signal.
   *
   * @param beforeWait throws if the current thread must not wait
   */
  JoinSignal(String name, BooleanSupplier isDone, Runnable beforeWait) {
    this.isDone = isDone;
    this.beforeWait = beforeWait;
    this.ended = Channel.open(this, ChannelSpec.<Object>of(0).named(name).shared());
  }

  /** {@return the channel that is closed when the task has ended} */
  public static Receiver<Object> of(ForkTask<?> task) {
    var signal =
        (JoinSignal)
            task.whenDone(() ->
                new JoinSignal(
                    task.name(), task::isDone, () -> task.ensureNotInside(ThreadScope.current())));
    return signal.ended;
  }

  Receiver<Object> ended() {
    return ended;
  }

  @Override
  public void run() {
    if (isDone.getAsBoolean()) {
      ended.close();
    }
  }

  /** Does nothing: every task ends, and then {@link #run} closes the channel. */
  @Override
  public void onEnd(Runnable end) {}

  @Override
  public void checkpoint() throws InterruptedException {
    ScopeChannels.checkpointCurrent();
    if (!isDone.getAsBoolean()) {
      beforeWait.run();
    }
  }
}
