package dev.holdfast.channel;

import org.jspecify.annotations.Nullable;

/**
 * Thrown by an operation on a channel that was closed or has failed. The message names the channel
 * and, in a {@link Select}, the clause. The {@linkplain #getCause() cause} is what the channel
 * failed with, or {@code null} if it was closed.
 *
 * @since 0.1
 */
public final class ChannelClosedException extends IllegalStateException {

  private static final long serialVersionUID = 1;

  ChannelClosedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
