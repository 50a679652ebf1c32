package dev.holdfast.internal.scope;

import dev.holdfast.channel.Channel;
import dev.holdfast.internal.cancel.CancelActions;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The parts that only some scopes have: channels, workers, and actions that run at a cancellation
 * or at the end. The first thread that needs a part creates it.
 */
final class ScopeParts {

  private static final VarHandle CHANNELS;
  private static final VarHandle WORKERS;
  private static final VarHandle CLOSE_ACTIONS;
  private static final VarHandle CANCEL_ACTIONS;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      CHANNELS = lookup.findVarHandle(ScopeParts.class, "channels", Attachment.class);
      WORKERS = lookup.findVarHandle(ScopeParts.class, "workers", Attachment.class);
      CLOSE_ACTIONS = lookup.findVarHandle(ScopeParts.class, "closeActions", CloseActions.class);
      CANCEL_ACTIONS = lookup.findVarHandle(ScopeParts.class, "cancelActions", CancelActions.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ScopeImpl scope;

  private volatile @Nullable Attachment channels;
  private volatile @Nullable Attachment workers;
  private volatile @Nullable CloseActions closeActions;
  private volatile @Nullable CancelActions cancelActions;

  /** Code that the cancelling thread runs. */
  volatile @Nullable Runnable cancelHook;

  ScopeParts(ScopeImpl scope) {
    this.scope = scope;
  }

  @Nullable Attachment channels() {
    return channels;
  }

  Attachment channels(Function<ScopeImpl, Attachment> make) {
    Attachment existing = channels;
    return existing == null ? publish(CHANNELS, make.apply(scope)) : existing;
  }

  @Nullable Attachment workers() {
    return workers;
  }

  Attachment workers(Function<ScopeImpl, Attachment> make) {
    Attachment existing = workers;
    return existing == null ? publish(WORKERS, make.apply(scope)) : existing;
  }

  @Nullable CloseActions closeActions() {
    return closeActions;
  }

  /**
   * {@return the actions that run at the end; after the end, a closed list that accepts no action}
   */
  CloseActions closeActionsMade() {
    CloseActions existing = closeActions;
    return existing == null ? publish(CLOSE_ACTIONS, new CloseActions()) : existing;
  }

  @Nullable CancelActions cancelActions() {
    return cancelActions;
  }

  CancelActions cancelActionsMade() {
    CancelActions existing = cancelActions;
    return existing == null
        ? publish(CANCEL_ACTIONS, new CancelActions(scope, "onCancel", scope::failedToClose))
        : existing;
  }

  @SuppressWarnings("unchecked")
  private <P> P publish(VarHandle place, P made) {
    P witness = (P) place.compareAndExchange(this, null, made);
    return witness == null ? made : witness;
  }

  /** {@return how many producers, consumers and workers have not ended} */
  int running() {
    Attachment open = channels;
    Attachment background = workers;
    return (open == null ? 0 : open.running()) + (background == null ? 0 : background.running());
  }

  int timers() {
    Attachment background = workers;
    return background == null ? 0 : background.timers();
  }

  List<Channel<?>> openChannels() {
    Attachment open = channels;
    return open == null ? List.of() : open.channels();
  }

  List<String> resources() {
    CloseActions atEnd = closeActions;
    return atEnd == null ? List.of() : atEnd.resources();
  }

  /** Releases the parts that an ended scope no longer needs. */
  void release() {
    if (closeActions != null) {
      closeActions = null;
    }
    if (cancelHook != null) {
      cancelHook = null;
    }
    CancelActions actions = cancelActions;
    if (actions != null) {
      actions.close();
      cancelActions = null;
    }
  }
}
