package dev.holdfast;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when a time limit passes: the deadline of a scope before its body and its forks have
 * ended, the time of a {@linkplain Scopes#shield shield}, or the timeout of a {@link
 * Fork#join(Duration) join}.
 *
 * <p>The message is one line: it names the scope, its timeout, and the first tasks that were still
 * running. {@link #running} lists all of them with their stacks, and {@link #toString} shows the
 * message and this list.
 *
 * @since 0.1
 */
public final class ScopeTimeoutException extends ScopeException {

  private static final long serialVersionUID = 1L;

  /** The time from the start of the scope to its deadline. */
  private final Duration timeout;

  /** The name of the scope, or of the fork that was joined; empty if it has none. */
  private final String scope;

  /** What was still running, with stacks. */
  @SuppressWarnings("serial") // an unmodifiable list, which can be serialized
  private final List<String> running;

  /**
   * Creates an exception.
   *
   * @param message which scope has timed out, and what was still running
   * @param timeout the time from the start of the scope to its deadline
   * @param cause the cause, or {@code null}
   */
  public ScopeTimeoutException(String message, Duration timeout, @Nullable Throwable cause) {
    super(message, cause);
    this.timeout = timeout;
    this.scope = "";
    this.running = List.of();
  }

  /**
   * Creates an exception.
   *
   * @param message which scope has timed out, and what was still running, in one line
   * @param scope the name of the scope
   * @param timeout the time from the start of the scope to its deadline
   * @param running what was still running, with stacks
   */
  public ScopeTimeoutException(
      String message, String scope, Duration timeout, List<String> running) {
    super(message, null);
    this.timeout = timeout;
    this.scope = scope;
    this.running = List.copyOf(running);
  }

  /**
   * {@return the name of the scope whose deadline has passed, or of the fork that was joined; empty
   * if it has none}
   */
  public String scope() {
    return scope;
  }

  /**
   * {@return what was still running when the time was up: the body and each task, with its name,
   * how long it had been running, and the top frames of its stack, each on a line of its own}
   */
  public List<String> running() {
    return running;
  }

  /** {@return the time from the start of the scope to its deadline} */
  public Duration timeout() {
    return timeout;
  }

  /** {@return the message, and what was still running, with stacks} */
  @Override
  @SuppressWarnings("OverrideThrowableToString") // the message alone must fit into a response
  public String toString() {
    return running.isEmpty()
        ? super.toString()
        : super.toString() + "\n  " + String.join("\n  ", running);
  }
}
