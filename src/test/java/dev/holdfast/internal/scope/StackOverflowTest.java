package dev.holdfast.internal.scope;

import dev.holdfast.testing.ChildProcess;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StackOverflowTest {

  @ParameterizedTest
  @ValueSource(strings = {"virtual", "platform"})
  @Timeout(150)
  void a_scope_that_ends_on_a_full_stack_leaves_nothing(String owner) throws Exception {
    ChildProcess.java(
            ChildProcess.PLENTY,
            "-Xss256k",
            // Compiled, it would take less of the stack, at an unknown moment.
            "-XX:CompileCommand=quiet",
            "-XX:CompileCommand=exclude,*.StackOverflowMain::descend",
            StackOverflowMain.class.getName(),
            owner)
        .succeeded();
  }
}
