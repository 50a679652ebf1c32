package dev.holdfast.diagnostics.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LinuxProcessTest {

  private static final String IN_A_CONTAINER =
      """
      Name:\tjava
      Uid:\t1000\t65534\t1000\t1000
      NSpid:\t4242\t17\t1
      SigCgt:\t2000000181005ccf
      """;

  @Test
  void the_innermost_pid_the_effective_user_and_the_signals_are_read() {
    assertEquals(new LinuxProcess(4242, 1, 65534, true), LinuxProcess.parse(4242, IN_A_CONTAINER));
  }

  @Test
  void a_process_that_does_not_handle_the_signal_is_no_jvm() {
    String status = IN_A_CONTAINER.replace("2000000181005ccf", "0000000000000002");
    assertEquals(new LinuxProcess(4242, 1, 65534, false), LinuxProcess.parse(4242, status));
  }

  @Test
  void an_old_kernel_has_no_namespaces() {
    assertEquals(new LinuxProcess(7, 7, 0, false), LinuxProcess.parse(7, "Name:\tsleep\n"));
  }
}
