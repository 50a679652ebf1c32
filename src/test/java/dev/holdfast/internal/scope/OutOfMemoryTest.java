package dev.holdfast.internal.scope;

import dev.holdfast.testing.ChildProcess;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class OutOfMemoryTest {

  @Test
  @Timeout(300)
  void a_scope_that_runs_out_of_memory_ends_and_leaves_nothing() throws Exception {
    ChildProcess.java(
            Duration.ofMinutes(4),
            "-Xmx10m",
            "-XX:+UseSerialGC",
            "-XX:-UseTLAB",
            "-XX:TieredStopAtLevel=1",
            OutOfMemoryMain.class.getName())
        .succeeded();
  }
}
