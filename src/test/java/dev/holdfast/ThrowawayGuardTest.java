package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Poll;
import dev.holdfast.testing.Warnings;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A guard made for each call limits nothing, and the log says so. */
@LeavesNothing
class ThrowawayGuardTest {

  @RegisterExtension final Warnings warnings = new Warnings();

  /** {@return the warnings about a guard; those about guards of earlier tests may come late} */
  private List<String> logged(String name) {
    return warnings.messages().stream().filter(m -> m.contains("'" + name + "'")).toList();
  }

  /** Uses a new guard so many times and drops it; returns when it is collected. */
  private static void useAndDrop(String name, int times) throws InterruptedException {
    var guard = new WeakReference<>(used(name, times));
    Poll.until(() -> {
      System.gc();
      return guard.get() == null;
    });
  }

  private static Guard used(String name, int times) throws InterruptedException {
    Guard guard = Guard.named(name).maxConcurrent(1);
    for (int i = 0; i < times; i++) {
      assertTrue(guard.run(scope -> {}));
    }
    return guard;
  }

  /** Makes what was collected count: the first use of another guard does that. */
  private static void look() throws InterruptedException {
    used("looks", 2);
  }

  @Test
  void guards_made_for_one_call_each_are_logged_once() throws Exception {
    for (int i = 0; i < 9; i++) {
      useAndDrop("throwaway", 1);
    }
    look();
    assertEquals(List.of(), logged("throwaway"));
    Poll.until(() -> {
      try {
        useAndDrop("throwaway", 1);
        look();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      return !logged("throwaway").isEmpty();
    });
    for (int i = 0; i < 20; i++) {
      useAndDrop("throwaway", 1);
    }
    look();
    assertEquals(
        List.of(
            "Guard 'throwaway' was created for a single call, 10 times so far. A guard that is"
                + " created for each call limits nothing. Keep one guard in a static final field."),
        logged("throwaway"));
  }

  @Test
  void guards_that_are_used_again_or_kept_are_not_logged() throws Exception {
    var kept = new ArrayList<Guard>();
    for (int i = 0; i < 30; i++) {
      useAndDrop("twice", 2);
      kept.add(used("kept", 1));
    }
    System.gc();
    look();
    assertEquals(List.of(), logged("twice"));
    assertEquals(List.of(), logged("kept"));
    assertEquals(30, kept.size());
  }

  @Test
  void a_guard_that_only_made_another_was_not_used() throws Exception {
    for (int i = 0; i < 30; i++) {
      Guard guard = Guard.named("chain").maxConcurrent(2).skipping().noTimeout();
      guard.run(scope -> {});
      guard.run(scope -> {});
    }
    System.gc();
    look();
    assertEquals(List.of(), logged("chain"));
  }
}
