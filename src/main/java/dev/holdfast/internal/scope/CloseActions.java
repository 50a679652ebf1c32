package dev.holdfast.internal.scope;

import dev.holdfast.Action;
import dev.holdfast.ScopeClosedException;
import dev.holdfast.internal.cancel.Access;
import dev.holdfast.internal.util.ScopeNames;
import dev.holdfast.internal.util.Throwables;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The actions that a scope runs at its end: a list that runs once, the last added first. */
public final class CloseActions {

  /**
   * An action in the list.
   *
   * @param of the resource, or the action itself, for snapshots
   * @param next the action that was added before
   */
  private record Closer(Action action, Object of, @Nullable Closer next)
      implements Supplier<String> {

    /**
     * {@return what it closes, in words} The record itself is the supplier, because a full heap has
     * no room for another object.
     */
    @Override
    public String get() {
      Class<?> type = of.getClass();
      return type.isHidden() ? "an action of " + ScopeNames.of(of) : type.getName();
    }
  }

  /** Stands in for the list once its actions have been taken to be run. */
  private static final Closer TAKEN = new Closer(() -> {}, "", null);

  /**
   * The action that was added last. Any thread of the scope may add an action; without a lock, no
   * thread can delay another.
   */
  private final AtomicReference<@Nullable Closer> last = new AtomicReference<>();

  /** Closes a resource at the end of a scope, or at once if the scope rejects it. */
  public static void use(ScopeImpl scope, AutoCloseable resource) {
    try {
      atEnd(scope, resource::close, resource);
    } catch (WrongThreadException | ScopeClosedException refusal) {
      try {
        resource.close();
      } catch (Throwable t) {
        Throwables.suppress(refusal, t);
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
    AtomicReference<@Nullable Closer> last = scope.closeActions().last;
    for (; ; ) {
      Closer before = last.get();
      if (before == TAKEN) {
        throw Access.closed(scope);
      }
      if (last.compareAndSet(before, new Closer(action, of, before))) {
        return;
      }
    }
  }

  /** {@return the types of the resources to close, the last added first} */
  List<String> resources() {
    var types = new ArrayList<String>();
    for (Closer closer = last.get(); closer != TAKEN && closer != null; closer = closer.next) {
      types.add(closer.get());
    }
    return types;
  }

  /** Closes the list and runs it, the last added first. */
  void close(ScopeEnding ending) {
    Closer taken = last.getAndSet(TAKEN);
    for (Closer closer = taken; closer != TAKEN && closer != null; closer = closer.next) {
      ending.close(closer, closer.action);
    }
  }
}
