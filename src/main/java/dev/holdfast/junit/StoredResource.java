package dev.holdfast.junit;

import org.junit.jupiter.api.extension.ExtensionContext.Store.CloseableResource;

/**
 * What JUnit closes when the context ends in whose store it is.
 *
 * <p>Before JUnit 5.13 a store closes no other {@code AutoCloseable}, and says nothing.
 */
@SuppressWarnings("deprecation")
interface StoredResource extends CloseableResource, AutoCloseable {
  @Override
  void close();
}
