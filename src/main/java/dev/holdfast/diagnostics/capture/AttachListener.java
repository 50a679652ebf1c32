package dev.holdfast.diagnostics.capture;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import dev.holdfast.diagnostics.dump.DumpException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Makes a JVM on Linux open the socket on which it listens for commands. */
final class AttachListener {

  private static final Path TEMPORARY = Path.of("/tmp"); // the only directory that HotSpot uses
  private static final String REQUEST = ".attach_pid";
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long PAUSE_MILLIS = 20;

  private AttachListener() {}

  /** {@return the file of the socket, once it exists} */
  static Path socket(LinuxProcess target) throws IOException, InterruptedException {
    Path socket = target.here(TEMPORARY.resolve(".java_pid" + target.innerPid()));
    if (Files.exists(socket)) {
      return socket;
    }
    if (!target.catchesQuit()) { // the signal would end the process
      throw new DumpException("it is not a JVM, or runs with -Xrs, which disables dumps");
    }
    String why = throughJdk(target);
    if (why != null) {
      why = throughSignal(target, socket);
    }
    if (!Files.exists(socket)) {
      throw new DumpException(
          why != null
              ? why
              : "it opened no socket for commands in its /tmp; it may run with"
                  + " -XX:+DisableAttachMechanism, or be stopped");
    }
    return socket;
  }

  /**
   * Uses the JDK's own client, if there is one. {@return why the JVM does not listen, or null if it
   * does}
   */
  private static @Nullable String throughJdk(LinuxProcess target) throws IOException {
    String request = REQUEST + target.innerPid();
    try (var cleanup = new Cleanup()) { // the client leaves its file if a signal ends this JVM
      cleanup.addIfNew(target.directory().resolve("cwd").resolve(request));
      cleanup.addIfNew(target.here(TEMPORARY.resolve(request)));
      return cleanup.creating(() -> Jdk.attach(target.pid()));
    } catch (LinkageError moduleMissing) {
      return "the module jdk.attach is missing";
    }
  }

  /** A separate class, so that the outer class links without the module. */
  private static final class Jdk {

    static @Nullable String attach(long pid) {
      try {
        VirtualMachine.attach(Long.toString(pid)).detach();
        return null;
      } catch (AttachNotSupportedException | IOException e) {
        return e.getMessage();
      }
    }
  }

  /** On the signal QUIT, a JVM opens the socket if it finds the request file. */
  private static @Nullable String throughSignal(LinuxProcess target, Path socket)
      throws IOException, InterruptedException {
    Path request = target.here(TEMPORARY.resolve(REQUEST + target.innerPid()));
    try (var cleanup = new Cleanup()) {
      cleanup.creating(() -> {
        cleanup.addIfNew(request); // otherwise another attempt has left it or is creating it
        return Files.exists(request) ? request : Files.createFile(request);
      });
      Files.setAttribute(request, "unix:uid", target.user());
      if (!quit(target.pid())) {
        return "there is no kill command to signal it, and no module jdk.attach. Run this with a"
            + " JDK";
      }
      long end = System.nanoTime() + LIMIT_NANOS;
      while (!Files.exists(socket) && System.nanoTime() < end) {
        Thread.sleep(PAUSE_MILLIS);
      }
      return null;
    }
  }

  /** {@return whether the signal was sent} */
  private static boolean quit(long pid) throws InterruptedException {
    for (List<String> command :
        List.of(
            List.of("kill", "-QUIT", Long.toString(pid)),
            List.of("/bin/sh", "-c", "kill -QUIT " + pid))) {
      try {
        var process =
            new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (process.waitFor() == 0) {
          return true;
        }
      } catch (IOException e) {
        // there is no such program
      }
    }
    return false;
  }
}
