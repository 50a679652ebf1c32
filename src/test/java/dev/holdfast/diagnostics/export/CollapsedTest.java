package dev.holdfast.diagnostics.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.holdfast.testing.HostileNames;
import java.util.List;
import org.junit.jupiter.api.Test;

class CollapsedTest {

  @Test
  void a_line_has_the_methods_outermost_first_and_the_number_of_threads() {
    StackCounts counts =
        Stacks.counts(
            Stacks.threads(2, "com.acme.B.b", "java.lang.Thread.sleep"),
            Stacks.threads(3, "com.acme.A.a", "com.acme.A.in"));
    assertEquals(
        """
        com.acme.A.a;com.acme.A.in 3
        com.acme.B.b;java.lang.Thread.sleep 2
        """,
        Collapsed.of(counts));
    assertEquals(5, counts.threads());
  }

  @Test
  void lines_of_code_and_numbers_of_lambdas_do_not_split_a_stack() {
    var first = new StackTraceElement("com.acme.A", "lambda$a$1", "A.java", 1);
    var second = new StackTraceElement("com.acme.A", "lambda$a$2", "A.java", 2);
    StackCounts counts =
        StackCounts.of(
            List.of(Stacks.thread("a", List.of(first)), Stacks.thread("b", List.of(second))));
    assertEquals("com.acme.A.lambda$a 2\n", Collapsed.of(counts));
  }

  @Test
  void threads_of_the_jvm_are_left_out_and_those_without_frames_have_their_name() {
    StackCounts counts =
        StackCounts.of(
            List.of(
                Stacks.thread(
                    "Finalizer", List.of(new StackTraceElement("java.lang.A", "a", null, 1))),
                Stacks.thread("", List.of()),
                Stacks.thread("", List.of())));
    assertEquals("(threads without a name) 2\n", Collapsed.of(counts));
  }

  @Test
  void a_diff_has_both_numbers() {
    StackCounts before = Stacks.counts(Stacks.threads(2, "A.a"), Stacks.threads(1, "B.gone"));
    StackCounts after = Stacks.counts(Stacks.threads(5, "A.a"), Stacks.threads(4, "C.made"));
    assertEquals("A.a 2 5\nB.gone 1 0\nC.made 0 4\n", Collapsed.ofDiff(before, after));
  }

  @Test
  void a_hostile_frame_is_one_field_of_one_line() {
    for (String name : HostileNames.ALL) {
      var frame = new StackTraceElement("com.acme." + name, name, name, 1);
      String text = Collapsed.of(StackCounts.of(List.of(Stacks.thread("a", List.of(frame)))));
      assertFalse(HostileNames.isActive(text), text);
      assertEquals(1, text.lines().count(), text);
      assertFalse(text.contains(";"), text);
    }
  }
}
