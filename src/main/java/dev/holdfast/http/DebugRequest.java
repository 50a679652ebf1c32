package dev.holdfast.http;

import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A request for {@link DebugPages}, independent of the server that received it.
 *
 * @param method the method, such as {@code GET}
 * @param path the path below that of the pages, such as {@code /threads}; with or without a slash
 *     at its beginning
 * @param query the query as it was sent, or {@code null}
 * @param remoteAddress the numeric address of the client, such as {@code 127.0.0.1}
 * @param header returns the first value of a header, or {@code null} if the request does not have
 *     it; ignores the case of the name
 * @since 0.1
 */
public record DebugRequest(
    String method,
    String path,
    @Nullable String query,
    String remoteAddress,
    Function<String, @Nullable String> header) {

  /**
   * Creates a request.
   *
   * @throws NullPointerException if anything but {@code query} is {@code null}
   */
  public DebugRequest {
    Objects.requireNonNull(method, "method");
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(remoteAddress, "remoteAddress");
    Objects.requireNonNull(header, "header");
  }
}
