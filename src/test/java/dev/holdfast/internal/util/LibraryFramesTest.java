package dev.holdfast.internal.util;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LibraryFramesTest {

  private static final class Nested {}

  @Test
  void classes_of_the_library_are_recognized() {
    assertTrue(LibraryFrames.isLibrary(Scopes.class.getName()));
    assertTrue(LibraryFrames.isLibrary(Channel.class.getName()));
    assertTrue(LibraryFrames.isLibrary(LibraryFrames.class.getName()));
  }

  @Test
  void a_nested_or_generated_class_belongs_to_its_outermost_class() {
    assertTrue(LibraryFrames.isLibrary(Scopes.class.getName() + "$Some$1"));
    assertTrue(LibraryFrames.isLibrary(Scopes.class.getName() + "$$Lambda/0x000001"));
    assertFalse(LibraryFrames.isLibrary(Nested.class.getName()));
  }

  @Test
  void a_test_in_a_package_of_the_library_is_user_code() {
    assertFalse(LibraryFrames.isLibrary(LibraryFramesTest.class.getName()));
    assertFalse(LibraryFrames.isLibrary("dev.holdfast.testing.LeavesNothing"));
  }

  @Test
  void a_class_of_another_release_belongs_to_the_library() {
    assertTrue(LibraryFrames.isLibrary("dev.holdfast.RemovedLongAgo"));
    assertTrue(LibraryFrames.isLibrary("dev.holdfast.later.AddedLater$Inner"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "dev.holdfast", "dev.holdfastened.Boat", "com.acme.Feed", "$", "a$"})
  void other_classes_are_user_code(String name) {
    assertFalse(LibraryFrames.isLibrary(name));
  }

  @Test
  void a_name_that_is_no_class_name_is_answered() {
    LibraryFrames.isLibrary("dev.holdfast.");
    LibraryFrames.isLibrary("dev.holdfast.$");
    LibraryFrames.isLibrary("dev.holdfast.a b/../%00");
  }

  @Test
  void the_answer_is_the_same_when_the_cache_is_full() {
    for (int i = 0; i < 3_000; i++) {
      assertTrue(LibraryFrames.isLibrary("dev.holdfast.Class" + i));
    }
    assertTrue(LibraryFrames.isLibrary(Scopes.class.getName()));
    assertFalse(LibraryFrames.isLibrary(LibraryFramesTest.class.getName()));
  }
}
