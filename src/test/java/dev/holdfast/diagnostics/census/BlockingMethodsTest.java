package dev.holdfast.diagnostics.census;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class BlockingMethodsTest {

  @Test
  void every_rule_for_the_library_names_a_method_that_exists() throws Exception {
    for (BlockingMethods.LibraryRule rule : BlockingMethods.LIBRARY) {
      Method[] methods =
          Class.forName(rule.className(), false, getClass().getClassLoader()).getDeclaredMethods();
      assertTrue(
          Arrays.stream(methods).anyMatch(m -> rule.method().matcher(m.getName()).matches()),
          rule::toString);
    }
  }
}
