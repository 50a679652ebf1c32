package dev.holdfast.internal.scope;

import dev.holdfast.channel.Channel;
import dev.holdfast.internal.cancel.Failures;
import java.util.List;

/**
 * What runs in a scope beside its forks: its workers, or its channels. The scope ends it in steps;
 * each is taken by the owner, and may wait in {@link ScopeImpl#park}.
 */
public abstract class Attachment {

  public final ScopeImpl scope;

  public Attachment(ScopeImpl scope) {
    this.scope = scope;
  }

  /** {@return how many tasks of it have not ended} */
  public abstract int running();

  /** The first step: nothing new begins, and what runs by itself is stopped. */
  public void stop() {}

  /** The second: what was handed over is brought to an end. */
  public void drain() {}

  /** The third, when nobody is left who could hand over more. */
  public void finish() {}

  /** Called when every thread of the scope has ended, and also when it could not be waited for. */
  public abstract void close(Failures failures);

  /** {@return how many timers are set} */
  public int timers() {
    return 0;
  }

  /** {@return the channels that have not ended} */
  public List<Channel<?>> channels() {
    return List.of();
  }
}
