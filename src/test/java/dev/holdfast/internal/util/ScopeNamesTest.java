package dev.holdfast.internal.util;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ScopeNamesTest {

  private static final class Nested {}

  @Test
  void a_lambda_is_named_after_the_class_it_was_written_in() {
    Runnable lambda = () -> {};
    assertEquals("ScopeNamesTest", ScopeNames.of(lambda));
  }

  @Test
  void nested_and_anonymous_classes_are_named_after_their_outermost_class() {
    assertEquals("ScopeNamesTest", ScopeNames.of(new Nested()));
    assertEquals("ScopeNamesTest", ScopeNames.of(new Object() {}));
  }

  @Test
  void a_stack_is_named_after_its_top() {
    assertEquals("App", ScopeNames.of(new StackTraceElement[] {frame("com.acme.App$Inner$1")}));
    assertEquals("Main", ScopeNames.of(new StackTraceElement[] {frame("Main")}));
    assertEquals("root", ScopeNames.of(new StackTraceElement[0]));
  }

  private static StackTraceElement frame(String type) {
    return new StackTraceElement(type, "run", "F.java", 1);
  }
}
