package dev.holdfast.junit;

import org.junit.jupiter.api.extension.ExtensionContext.Store.CloseableResource;

/**
 * A resource that JUnit closes when the context that stores it ends.
 *
 * <p>Before JUnit 5.13 a store silently ignores any other {@code AutoCloseable}.
 */
@SuppressWarnings("deprecation")
interface StoredResource extends CloseableResource, AutoCloseable {
  @Override
  void close();
}
