package dev.holdfast.internal.cancel;

import dev.holdfast.ScopeClosedException;
import dev.holdfast.internal.util.Printable;
import dev.holdfast.internal.util.StackProbe;
import org.jspecify.annotations.Nullable;

/** Which threads may use a scope, and until when. */
public final class Access {

  private Access() {}

  /**
   * Throws if the current thread may not start something in the scope; a task must open its own
   * scope.
   */
  public static void requireOwner(CancelScope scope, String operation) {
    requireOwner(scope, operation, "In a task, open a scope of its own: Scopes.call(...)");
  }

  /**
   * Throws if the current thread does not own the scope, or if the scope is closing its resources
   * or has ended.
   *
   * @param operation what the thread wants to do in the scope, for the message
   * @param instead what to do instead, for the message
   */
  public static void requireOwner(CancelScope scope, String operation, String instead) {
    if (scope.hasEnded()) {
      throw closed(scope);
    }
    ThreadScope owner = scope.threadScope();
    if (Thread.currentThread() != owner.thread()) {
      throw new WrongThreadException(
          "Only the owner of "
              + scope.label()
              + ", "
              + described(owner.thread(), owner)
              + ", can "
              + operation
              + " in it; this is "
              + currentThread()
              + ". "
              + instead
              + ".");
    }
    if (scope.isClosing()) {
      throw closed(scope);
    }
  }

  /**
   * Throws if the current thread runs neither in the scope nor below it, or if the scope has ended.
   */
  public static void requireInside(CancelScope scope, boolean inside) {
    StackProbe.ensureRoom(); // a lock is taken next
    if (scope.hasEnded()) {
      throw closed(scope);
    }
    if (!inside) {
      throw new WrongThreadException(
          scope.label()
              + " can only be used by its body and its tasks; "
              + currentThread()
              + " is neither. Use it inside its call, or open a scope here.");
    }
  }

  /** {@return the exception for the use of a scope that is closing its resources or has ended} */
  public static ScopeClosedException closed(CancelScope scope) {
    return new ScopeClosedException(
        scope.label() + " has ended. Open a new scope, or do this before its call returns.");
  }

  /** {@return the name of the current thread, or its task if it has no name, for messages} */
  public static String currentThread() {
    return described(Thread.currentThread(), ThreadScope.current());
  }

  private static String described(@Nullable Thread thread, @Nullable ThreadScope threadScope) {
    if (thread != null && !thread.getName().isEmpty()) {
      return "thread '" + Printable.of(thread.getName()) + "'";
    }
    return threadScope != null && threadScope.isTask()
        ? "the thread of " + threadScope.label()
        : "an unnamed thread";
  }
}
