package dev.holdfast.internal.combine;

import dev.holdfast.TaskFunction;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.scope.Settings;
import dev.holdfast.internal.scope.Settings.Policy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Gives each item of a combinator a timeout of its own: a scope inside its task. */
final class ItemTimeout {

  private ItemTimeout() {}

  /** {@return the function, with the item timeout of the settings, if there is one} */
  static <T, R extends @Nullable Object, X extends Exception>
      TaskFunction<? super T, ? extends R, ? extends X> of(
          Settings settings, TaskFunction<? super T, ? extends R, ? extends X> fn) {
    Duration timeout = settings.itemTimeout();
    if (timeout == null) {
      return fn;
    }
    Settings own = settings.ofItem(timeout);
    return item ->
        ScopeImpl.<R>call(
            own,
            Policy.BLOCK,
            fn,
            scope -> {
              R value = fn.apply(item);
              scope.discarded().setValue(value);
              return value;
            });
  }
}
