package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.testing.ChildProcess;
import dev.holdfast.testing.LeavesNothing;
import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A JVM of the JDK that runs this starts with the library and without anything optional. */
@LeavesNothing
@Timeout(180)
class StartTest {

  private static final String MODULE =
      """
      module app {
        requires dev.holdfast;
      }
      """;

  /** A fork, a timer, a channel, a root and an executor. */
  private static final String MAIN =
      """
      package app;

      import dev.holdfast.ScopeTimeoutException;
      import dev.holdfast.Scopes;
      import java.time.Duration;

      public class Main {
        public static void main(String[] args) throws Exception {
          int sum = Scopes.call(scope -> {
            var numbers = scope.<Integer>produce(1, out -> out.send(20));
            var fork = scope.fork(() -> 1);
            return fork.join() + numbers.receive() + scope.executor().submit(() -> 300).get();
          });
          try (var root = Scopes.open()) {
            sum += root.call(scope -> 4000);
          }
          try {
            Scopes.timeout(Duration.ofMillis(1)).run(scope -> Thread.sleep(Duration.ofHours(1)));
          } catch (ScopeTimeoutException late) {
            sum += 50000;
          }
          System.out.println(sum + " as module " + Scopes.class.getModule().getName());
        }
      }
      """;

  private static final Path LIBRARY = library();

  @TempDir private Path dir;

  private static Path library() {
    try {
      return Path.of(Scopes.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (java.net.URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void starts_on_the_class_path() throws Exception {
    String path = LIBRARY + File.pathSeparator + app();
    assertEquals("54321 as module null\n", run(ChildProcess.tool("java"), "-cp", path, "app.Main"));
  }

  @Test
  void starts_on_the_module_path() throws Exception {
    String path = LIBRARY + File.pathSeparator + app();
    assertEquals(
        "54321 as module dev.holdfast\n",
        run(ChildProcess.tool("java"), "-p", path, "-m", "app/app.Main"));
  }

  @Test
  void starts_in_a_linked_image() throws Exception {
    ToolProvider jlink = ToolProvider.findFirst("jlink").orElse(null);
    assumeTrue(jlink != null, "this JDK has no jlink");
    assumeTrue(
        Files.isDirectory(Path.of(System.getProperty("java.home"), "jmods")),
        "this JDK has no jmods to link");
    Path image = dir.resolve("image");
    String path = LIBRARY + File.pathSeparator + app();
    run(jlink, "-p", path, "--add-modules", "app", "--output", image.toString());
    // The launcher of the installed JDK may be patched for this machine; that in the jmods is not.
    Path launcher = image.resolve("bin/java");
    Files.copy(Path.of(ChildProcess.tool("java")), launcher, StandardCopyOption.REPLACE_EXISTING);
    assertEquals("54321 as module dev.holdfast\n", run(launcher.toString(), "-m", "app/app.Main"));
  }

  /** Kotlin reads the annotation of a package, but not that of the module. */
  @Test
  void every_package_of_the_api_says_that_null_is_marked() throws Exception {
    ModuleDescriptor module;
    try (var in = Files.newInputStream(LIBRARY.resolve("module-info.class"))) {
      module = ModuleDescriptor.read(in);
    }
    for (ModuleDescriptor.Exports exported : module.exports()) {
      Class<?> info = Class.forName(exported.source() + ".package-info");
      assertTrue(info.isAnnotationPresent(NullMarked.class), info.getName());
    }
  }

  /** {@return where the compiled application is} */
  private Path app() throws Exception {
    Path sources = Files.createDirectories(dir.resolve("src/app"));
    Path module = Files.writeString(dir.resolve("src/module-info.java"), MODULE);
    Path main = Files.writeString(sources.resolve("Main.java"), MAIN);
    Path classes = dir.resolve("classes");
    run(
        ToolProvider.findFirst("javac").orElseThrow(),
        "-p",
        LIBRARY.toString(),
        "-d",
        classes.toString(),
        module.toString(),
        main.toString());
    return classes;
  }

  private static void run(ToolProvider tool, String... args) {
    var out = new StringWriter();
    var writer = new PrintWriter(out);
    assertEquals(0, tool.run(writer, writer, args), () -> tool.name() + ": " + out);
  }

  private String run(String java, String... args) throws Exception {
    var command = new ArrayList<String>(List.of(java));
    command.addAll(List.of(args));
    return ChildProcess.run(ChildProcess.PLENTY, command.toArray(new String[0]))
        .succeeded()
        .replace("\r\n", "\n");
  }
}
