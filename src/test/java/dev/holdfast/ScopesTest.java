package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.testing.LeavesNothing;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests {@code ScopeSpec} as well. */
@LeavesNothing
class ScopesTest {

  @Test
  void fans_out() throws InterruptedException {
    assertEquals(List.of(2, 4, 6), Scopes.fanOut(List.of(1, 2, 3), i -> 2 * i));
  }
}
