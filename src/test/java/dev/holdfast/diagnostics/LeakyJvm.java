package dev.holdfast.diagnostics;

import dev.holdfast.leak.LeakyMain;
import dev.holdfast.testing.ChildProcess;
import dev.holdfast.testing.ClassPath;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** {@link LeakyMain} in a JVM of its own, of the JDK that runs the tests. */
final class LeakyJvm implements AutoCloseable {

  private final Process process;
  private final BufferedReader out;

  private LeakyJvm(Process process) {
    this.process = process;
    this.out =
        new BufferedReader(
            new java.io.InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Returns when its threads are where they stay. */
  static LeakyJvm start(String... args) throws IOException {
    return startBy(List.of(), args);
  }

  /** Does the same by a program that replaces itself with the JVM. */
  static LeakyJvm startBy(List<String> program, String... args) throws IOException {
    var command = new ArrayList<>(program);
    command.addAll(
        List.of(ChildProcess.tool("java"), "-cp", ClassPath.ofTests(), LeakyMain.class.getName()));
    command.addAll(List.of(args));
    var jvm = new LeakyJvm(new ProcessBuilder(command).redirectErrorStream(true).start());
    jvm.untilReady();
    return jvm;
  }

  long pid() {
    return process.pid();
  }

  private void untilReady() throws IOException {
    String line = out.readLine();
    if (!"READY".equals(line)) {
      process.destroyForcibly();
      throw new IOException("instead of READY: " + line + " " + out.readLine());
    }
  }

  /** Has it leak some more. */
  void more() throws IOException {
    process.getOutputStream().write('+');
    process.getOutputStream().flush();
    untilReady();
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
