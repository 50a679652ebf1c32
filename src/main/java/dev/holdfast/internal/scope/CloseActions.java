package dev.holdfast.internal.scope;

import dev.holdfast.Action;
import dev.holdfast.ScopeClosedException;
import dev.holdfast.internal.cancel.Access;
import dev.holdfast.internal.cancel.Failures;
import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.internal.util.ScopeNames;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What a scope does at its end, and at once when it is cancelled: two lists, each run once. */
public final class CloseActions {

  private final ScopeImpl scope;
  private final ReentrantLock lock = new ReentrantLock();

  /**
   * What runs at the end.
   *
   * @param of the resource, or the action itself, for those who ask what there is
   */
  private record Closer(Action action, Object of) {}

  // Guarded by the lock; null once taken.
  private @Nullable Deque<Closer> closers = new ArrayDeque<>();
  private @Nullable List<Action> unblocks = new ArrayList<>();

  /** The unblocking actions that were taken and have not ended. Guarded by the lock. */
  private int unblocking;

  CloseActions(ScopeImpl scope) {
    this.scope = scope;
  }

  /** Closes a resource at the end of a scope, or at once if the scope refuses it. */
  public static void use(ScopeImpl scope, AutoCloseable resource) {
    try {
      atEnd(scope, resource::close, resource);
    } catch (WrongThreadException | ScopeClosedException refusal) {
      try {
        resource.close();
      } catch (Throwable t) {
        refusal.addSuppressed(t);
      }
      throw refusal;
    }
  }

  /**
   * Runs an action at the end of a scope.
   *
   * @param of the resource that the action closes, or the action itself
   */
  public static void atEnd(ScopeImpl scope, Action action, Object of) {
    Access.requireInside(scope, scope.isInside());
    CloseActions actions = scope.exits();
    actions.lock.lock();
    try {
      if (actions.closers == null) {
        throw Access.closed(scope);
      }
      actions.closers.push(new Closer(action, of));
    } finally {
      actions.lock.unlock();
    }
  }

  /** {@return the types of what is to be closed; none if the list is in use just now} */
  List<String> resources() {
    if (!lock.tryLock()) {
      return List.of(); // who takes a picture waits for nobody
    }
    try {
      return closers == null ? List.of() : closers.stream().map(CloseActions::type).toList();
    } finally {
      lock.unlock();
    }
  }

  private static String type(Closer closer) {
    Class<?> type = closer.of().getClass();
    return type.isHidden() ? "an action of " + ScopeNames.of(closer.of()) : type.getName();
  }

  /** Closes the list and runs it, last in first out. */
  void close(Failures failures) {
    Deque<Closer> taken;
    lock.lock();
    try {
      taken = closers;
      closers = null;
    } finally {
      lock.unlock();
    }
    if (taken != null) {
      for (Closer closer : taken) {
        try {
          closer.action().run();
        } catch (Throwable t) {
          failures.add(t);
        }
      }
    }
  }

  /** {@return whether it was taken on; not after the scope was cancelled} */
  boolean addUnblock(Action unblock) {
    lock.lock();
    try {
      if (unblocks != null) {
        unblocks.add(unblock);
      }
      return unblocks != null;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Closes the list and starts what is in it, each on a thread of its own: one that hangs must not
   * keep the next from its work.
   */
  void unblock() {
    List<Action> taken;
    lock.lock();
    try {
      taken = unblocks;
      if (taken == null) {
        return;
      }
      unblocks = null;
      unblocking = taken.size();
    } finally {
      lock.unlock();
    }
    for (Action action : taken) {
      TimerThread.run(new Unblock(action));
    }
  }

  /** Runs an unblocking action; a failure of it comes out of the scope with the others. */
  void runUnblock(Action action) {
    try {
      action.run();
    } catch (Throwable t) {
      scope.failedToClose(t);
    }
  }

  /** {@return whether an interrupt from outside came while waiting; for the owner} */
  boolean awaitUnblocked() {
    boolean outside = false;
    while (isUnblocking()) {
      LockSupport.park(this);
      outside |= Thread.interrupted();
    }
    return outside;
  }

  boolean isUnblocking() {
    lock.lock();
    try {
      return unblocking > 0;
    } finally {
      lock.unlock();
    }
  }

  private final class Unblock extends TimerThread.Unblocker {

    private final Action action;

    Unblock(Action action) {
      this.action = action;
    }

    @Override
    public void unblock() {
      try {
        runUnblock(action);
      } finally {
        lock.lock();
        try {
          unblocking--;
        } finally {
          lock.unlock();
        }
        LockSupport.unpark(scope.strand().thread());
      }
    }
  }
}
