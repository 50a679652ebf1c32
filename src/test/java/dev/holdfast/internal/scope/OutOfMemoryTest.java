package dev.holdfast.internal.scope;

import dev.holdfast.internal.scope.OutOfMemoryMain.Form;
import dev.holdfast.testing.ChildProcess;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OutOfMemoryTest {

  @ParameterizedTest
  @EnumSource
  @Timeout(300)
  void a_scope_that_runs_out_of_memory_ends_and_leaves_nothing(Form form) throws Exception {
    ChildProcess.java(
            Duration.ofMinutes(4),
            "-Xmx10m",
            "-XX:+UseSerialGC",
            "-XX:-UseTLAB",
            "-XX:TieredStopAtLevel=1",
            OutOfMemoryMain.class.getName(),
            form.name())
        .succeeded();
  }
}
