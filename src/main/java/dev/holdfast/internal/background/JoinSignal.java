package dev.holdfast.internal.background;

import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.channel.Lifetime;
import dev.holdfast.channel.Receiver;
import dev.holdfast.internal.scope.ForkTask;

/**
 * A channel that carries nothing and is closed when a task has ended, so that a select can wait for
 * the task. All selects over one task share it.
 */
public final class JoinSignal implements Runnable, Lifetime {

  private final ForkTask<?> task;
  private final Channel<Object> ended;

  private JoinSignal(ForkTask<?> task) {
    this.task = task;
    this.ended = Channel.open(this, ChannelSpec.<Object>of(0).named(task.name()).shared());
  }

  /** {@return the channel that is closed when the task has ended} */
  public static Receiver<Object> of(ForkTask<?> task) {
    return ((JoinSignal) task.whenDone(() -> new JoinSignal(task))).ended;
  }

  @Override
  public void run() {
    if (task.isDone()) {
      ended.close();
    }
  }

  /** Does nothing: every task ends, and then {@link #run} closes the channel. */
  @Override
  public void onEnd(Runnable end) {}

  @Override
  public void checkpoint() throws InterruptedException {
    ScopeChannels.checkpointCurrent();
  }
}
