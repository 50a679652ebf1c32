package dev.holdfast.internal.scope;

import dev.holdfast.inspect.WaitInfo;
import dev.holdfast.internal.cancel.Blocker;
import dev.holdfast.internal.cancel.CancelScope;
import java.util.List;

/**
 * What the owner of a scope waits for.
 *
 * @param on how messages call it
 */
public record Awaited(WaitInfo.Operation operation, CancelScope scope, String on)
    implements Blocker {

  @Override
  public List<Object> objects() {
    return List.of(scope);
  }

  @Override
  public String toString() {
    return on;
  }
}
