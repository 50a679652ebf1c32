package dev.holdfast.diagnostics;

/** Takes a dump of its own JVM, if that can. */
final class HereMain {

  private HereMain() {}

  public static void main(String[] args) throws Exception {
    try {
      System.out.println(ThreadDump.here());
    } catch (ThreadDumpException e) {
      System.out.println(e.getMessage());
    }
  }
}
