package dev.holdfast.diagnostics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.testing.ChildProcess;
import dev.holdfast.testing.ClassPath;
import dev.holdfast.testing.LeavesNothing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Censuses of JVMs as containers have them.
 *
 * <p>Tests {@code AttachListener}, {@code AttachSocket}, {@code Cleanup} and {@code LinuxJvm} as
 * well.
 */
@LeavesNothing
@Timeout(180)
@EnabledOnOs(OS.LINUX)
class ContainerCensusTest {

  private static final Path TEMPORARY = Path.of("/tmp");

  /** The modules of an image without {@code jdk.attach} and {@code jcmd}. */
  private static final String SMALL_IMAGE =
      "java.base,java.logging,java.management,jdk.jfr,jdk.management";

  private static Process census(LeakyJvm target) throws IOException {
    return new ProcessBuilder(
            ChildProcess.tool("java"),
            "--limit-modules",
            SMALL_IMAGE,
            "-cp",
            ClassPath.ofTests(),
            Main.class.getName(),
            "census",
            Long.toString(target.pid()))
        .redirectErrorStream(true)
        .start();
  }

  private static boolean succeeds(String... command) throws Exception {
    try {
      return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** {@return directories with dumps, and requests to a process} */
  private static Set<Path> temporary(long pid) throws IOException {
    try (Stream<Path> files = Files.list(TEMPORARY)) {
      return files
          .filter(file ->
              file.getFileName().toString().startsWith("holdfast-")
                  || file.endsWith(".attach_pid" + pid))
          .collect(Collectors.toSet());
    }
  }

  @Test
  void an_image_without_attach_and_jcmd_takes_a_census() throws Exception {
    try (var target = LeakyJvm.start("quiet")) {
      Process census = census(target);
      String text = new String(census.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, census.waitFor(), text);
      assertTrue(text.startsWith("Process " + target.pid() + ", JDK "), text);
    }
  }

  @Test
  void a_census_that_a_signal_ends_leaves_no_file() throws Exception {
    try (var target = LeakyJvm.start("quiet")) {
      String pid = Long.toString(target.pid());
      Set<Path> before = temporary(target.pid());
      assumeTrue(succeeds("kill", "-STOP", pid), "no program kill");
      Process census = census(target); // waits for the target, which is stopped
      try {
        while (!left(target, before).contains(TEMPORARY.resolve(".attach_pid" + pid))) {
          assertTrue(census.isAlive(), "the census has not waited");
          TimeUnit.MILLISECONDS.sleep(5);
        }
      } finally {
        census.destroy(); // SIGTERM
        assertTrue(census.waitFor(60, TimeUnit.SECONDS));
        succeeds("kill", "-CONT", pid);
      }
      while (!left(target, before).isEmpty()) { // other tests have such files for a short time
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }
  }

  private static Set<Path> left(LeakyJvm target, Set<Path> before) throws IOException {
    var left = new HashSet<>(temporary(target.pid()));
    left.removeAll(before);
    return left;
  }

  @Test
  void a_jvm_with_other_files_is_dumped() throws Exception {
    assumeTrue(
        succeeds("unshare", "--mount", "nsenter", "--version"),
        "may not make a namespace of files");
    try (var target = LeakyJvm.startBy(List.of("unshare", "--mount"), "quiet")) {
      String pid = Long.toString(target.pid());
      assumeTrue(
          succeeds("nsenter", "-t", pid, "-m", "mount", "-t", "tmpfs", "tmpfs", "/tmp"),
          "may not mount");
      Path theirs = Path.of("/proc", pid, "root/tmp");
      ThreadDump dump = ThreadDump.of(target.pid());
      assertEquals(target.pid(), dump.pid());
      assertTrue(dump.threads().stream().anyMatch(thread -> thread.name().equals("main")));
      assertTrue(Files.exists(theirs.resolve(".java_pid" + pid)), "it listens in its own /tmp");
      try (Stream<Path> files = Files.list(theirs)) {
        assertEquals(0, files.filter(file -> file.toString().contains("holdfast-")).count());
      }
    }
  }
}
