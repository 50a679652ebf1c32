package dev.holdfast.internal.jdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Scopes;
import dev.holdfast.diagnostics.DumpedThread;
import dev.holdfast.diagnostics.ThreadDump;
import dev.holdfast.testing.ChildProcess;
import dev.holdfast.testing.LeavesNothing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests {@code ClassShape} and {@code InterfaceShape} as well. */
@LeavesNothing
class JdkScopeTest {

  private static ThreadDump.Container container(String name, ThreadDump dump) {
    return dump.containers().stream()
        .filter(container -> container.name().startsWith(name))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> threads(ThreadDump.Container container) {
    return container.threads().stream().map(DumpedThread::name).toList();
  }

  @Test
  void a_thread_dump_shows_scopes_under_their_names_nested_with_their_forks() throws Exception {
    var taken = new AtomicReference<ThreadDump>();
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
          taken.set(ThreadDump.here());
          release.countDown();
        });
    ThreadDump dump = taken.get();
    ThreadDump.Container outer = container("outer orders", dump);
    ThreadDump.Container inner = container("inner orders", dump);
    assertTrue(outer.parent().contains("root"), outer.parent());
    assertEquals(outer.name(), inner.parent());
    assertEquals(List.of("host fork"), threads(outer));
    assertEquals(List.of("leaf fork"), threads(inner));
  }

  private static final String MAIN =
      """
      public class Main {
        public static void main(String[] args) {
          for (int i = 0; i < 2; i++) {
            try {
              System.out.println(dev.holdfast.Scopes.fanOut(java.util.List.of(1), x -> x));
            } catch (Throwable t) {
              for (Throwable c = t; c != null; c = c.getCause()) {
                System.out.println(i + ": " + c);
              }
            }
          }
        }
      }
      """;

  /** A future JDK whose StructuredTaskScope has an unknown shape. */
  @Timeout(320)
  @ParameterizedTest
  @ValueSource(
      strings = {
        // A class without the constructor that the library calls.
        "public final class StructuredTaskScope { public interface Subtask<T> {} }",
        // An empty interface.
        "public interface StructuredTaskScope { interface Subtask<T> {} }",
        // Everything but the joiner.
        """
        public interface StructuredTaskScope {
          interface Subtask<T> {}
          interface Joiner<T, R> {}
          interface Configuration {}
          Subtask<Object> fork(Callable<?> task);
          Object join() throws InterruptedException;
          void close();
        }\
        """,
        // Everything but the method that opens a scope.
        """
        public interface StructuredTaskScope {
          interface Subtask<T> {}
          interface Joiner<T, R> {
            static <T> Joiner<T, Void> awaitAllSuccessfulOrThrow() { return null; }
          }
          interface Configuration {}
          Subtask<Object> fork(Callable<?> task);
          Object join() throws InterruptedException;
          void close();
        }\
        """
      })
  void a_jdk_of_an_unknown_shape_is_named_with_the_release(String shape, @TempDir Path dir)
      throws Exception {
    Path fake =
        source(
            dir.resolve("src"),
            "java/util/concurrent/StructuredTaskScope.java",
            "package java.util.concurrent;\n" + shape);
    Path main = source(dir.resolve("src"), "Main.java", MAIN);
    Path patch = dir.resolve("patch");
    Path classes = dir.resolve("classes");
    String library =
        Path.of(Scopes.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .toString();
    run(
        "javac",
        "-d",
        patch.toString(),
        "--patch-module",
        "java.base=" + dir.resolve("src"),
        fake.toString());
    run("javac", "-d", classes.toString(), "-cp", library, main.toString());
    String out =
        run(
            "java",
            "--patch-module",
            "java.base=" + patch,
            "-cp",
            classes + System.getProperty("path.separator") + library,
            "Main");
    assertTrue(out.startsWith("0: java.lang.LinkageError: Holdfast "), out);
    assertTrue(out.contains(Runtime.version().toString()), out);
    assertTrue(out.contains("Holdfast 0."), out);
    assertTrue(out.contains("21 to 27"), out);
    // The second call fails with the same message.
    String second = out.substring(out.indexOf("\n1: "));
    assertTrue(second.contains("Holdfast 0."), out);
  }

  private static Path source(Path dir, String name, String text) throws IOException {
    Path file = dir.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private static String run(String tool, String... args) throws Exception {
    var command = new java.util.ArrayList<>(List.of(ChildProcess.tool(tool)));
    command.addAll(List.of(args));
    return ChildProcess.run(ChildProcess.PLENTY, command.toArray(new String[0])).succeeded();
  }
}
