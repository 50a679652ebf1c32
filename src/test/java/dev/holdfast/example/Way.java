package dev.holdfast.example;

import java.net.URI;
import java.util.List;

/** A way to call many suppliers at the same time. */
interface Way extends AutoCloseable {

  Tally ask(List<URI> suppliers) throws InterruptedException;

  /** Ends the threads that {@link #ask} has left behind, after they were counted. */
  @Override
  default void close() {}
}
