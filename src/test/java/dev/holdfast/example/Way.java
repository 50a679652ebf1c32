package dev.holdfast.example;

import java.net.URI;
import java.util.List;

/** A way to ask many suppliers at the same time. */
interface Way extends AutoCloseable {

  Tally ask(List<URI> suppliers) throws InterruptedException;

  /** Ends what {@link #ask} has left behind, after it was counted. */
  @Override
  default void close() {}
}
