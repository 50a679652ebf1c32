package dev.holdfast.diagnostics.capture;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.diagnostics.dump.DumpException;
import dev.holdfast.testing.Poll;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CleanupTest {

  private final Cleanup cleanup = new Cleanup();
  private final Thread hook = new Thread(cleanup::exit);

  @Test
  void a_file_that_is_created_while_the_jvm_exits_is_deleted(@TempDir Path folder)
      throws Exception {
    Path file = folder.resolve("dump");
    cleanup.creating(() -> {
      hook.start();
      Poll.until(() -> hook.getState() == Thread.State.TIMED_WAITING);
      Files.createFile(file);
      cleanup.add(file);
      return file;
    });
    hook.join();
    assertFalse(Files.exists(file));
    cleanup.close();
  }

  @Test
  void nothing_is_created_after_the_exit_has_begun() throws Exception {
    hook.start();
    hook.join();
    assertThrows(DumpException.class, () -> cleanup.creating(() -> "created"));
    cleanup.close();
  }
}
