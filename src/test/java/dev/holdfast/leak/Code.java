package dev.holdfast.leak;

/** The code of one thread of a case. */
@FunctionalInterface
interface Code {
  void run() throws Exception;
}
