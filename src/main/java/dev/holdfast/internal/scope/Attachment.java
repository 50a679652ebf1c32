package dev.holdfast.internal.scope;

import dev.holdfast.channel.Channel;
import java.util.List;
import java.util.function.Consumer;

/**
 * A part of a scope with its own tasks, apart from the forks: the workers, or the channels. The
 * owner of the scope ends it in steps, each of which may wait in {@link ScopeImpl#park}.
 */
public abstract class Attachment {

  public final ScopeImpl scope;

  public Attachment(ScopeImpl scope) {
    this.scope = scope;
  }

  /** {@return how many of its tasks have not ended} */
  public abstract int running();

  /** Before the first step: waits for tasks that end by themselves while other tasks still run. */
  public void awaitSelfEnding() {}

  /** The first step: starts nothing new, and stops the tasks that run by themselves. */
  public void stop() {}

  /** The second step: finishes the work that was submitted. */
  public void drain() {}

  /** The third step, when no task is left that could submit more work. */
  public void finish() {}

  /** Called when every thread of the scope has ended, or when the scope could not wait for them. */
  public abstract void close(Consumer<Throwable> failures);

  /** {@return how many timers are set} */
  public int timers() {
    return 0;
  }

  /** {@return the channels that have not ended} */
  public List<Channel<?>> channels() {
    return List.of();
  }
}
