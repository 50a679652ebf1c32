package dev.holdfast.leak;

/** What a thread of a case does. */
@FunctionalInterface
interface Code {
  void run() throws Exception;
}
