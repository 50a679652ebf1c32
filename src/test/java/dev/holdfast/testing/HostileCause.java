package dev.holdfast.testing;

/** An exception whose {@code getCause} throws. */
public final class HostileCause extends RuntimeException {

  private static final long serialVersionUID = 1;

  public HostileCause() {}

  @Override
  public synchronized Throwable getCause() {
    throw new IllegalStateException("getCause");
  }
}
