package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.holdfast.testing.LeavesNothing;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@LeavesNothing
class ThreadDumpTest {

  /** A container of the dump: its name, then its parent. */
  private static String parentOf(String name, String dump) {
    Matcher found =
        Pattern.compile("\"container\": \"(" + name + "[^\"]*)\",\\s*\"parent\": \"([^\"]*)\"")
            .matcher(dump);
    assertTrue(found.find(), () -> "no container '" + name + "' in " + dump);
    return found.group(2);
  }

  @Test
  void shows_scopes_under_their_names_nested_with_their_forks(@TempDir Path dir) throws Exception {
    Path file = dir.resolve("dump.json");
    var dump = new AtomicReference<String>();
    Scopes.named("outer orders")
        .run(outer -> {
          var started = new CountDownLatch(2);
          var release = new CountDownLatch(1);
          outer.fork(
              "host fork",
              () ->
                  Scopes.named("inner orders")
                      .run(inner -> {
                        inner.fork(
                            "leaf fork",
                            () -> {
                              started.countDown();
                              release.await();
                            });
                        started.countDown();
                        release.await();
                      }));
          started.await();
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
              .dumpThreads(file.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.JSON);
          dump.set(Files.readString(file));
          release.countDown();
        });
    String text = dump.get();
    assertTrue(parentOf("inner orders", text).startsWith("outer orders"), text);
    assertTrue(parentOf("outer orders", text).contains("root"), text);
    for (String fork : new String[] {"host fork", "leaf fork"}) {
      assertTrue(text.contains("\"name\": \"" + fork + "\""), text);
    }
    // The leaf is listed in the inner container: after its head, before its count.
    int inner = text.indexOf("\"container\": \"inner orders");
    int leaf = text.indexOf("\"name\": \"leaf fork\"", inner);
    int count = text.indexOf("\"threadCount\"", inner);
    assertTrue(inner < leaf && leaf < count, text);
  }
}
