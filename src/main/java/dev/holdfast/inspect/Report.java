package dev.holdfast.inspect;

import dev.holdfast.internal.util.Checks;
import java.util.List;

/**
 * Something that is wrong, and that no exception tells: tasks that do not stop, or wait for each
 * other.
 *
 * @param kind what is wrong
 * @param scope the name of the scope in which it is
 * @param tasks the names of the tasks, or of the scopes whose bodies they are
 * @param text all that is known, over several lines
 * @since 0.1
 */
public record Report(Kind kind, String scope, List<String> tasks, String text) {

  /**
   * What is wrong.
   *
   * @since 0.1
   */
  public enum Kind {
    /** Tasks were cancelled, and have not ended within the grace and a second. */
    STUCK,
    /** Tasks wait for what only others could do that wait as well. */
    STALLED,
    /** Tasks join each other in a circle. */
    DEADLOCKED
  }

  /**
   * Makes one.
   *
   * @throws NullPointerException if anything is {@code null}
   */
  public Report {
    Checks.given(kind, "kind");
    Checks.given(scope, "scope");
    tasks = List.copyOf(tasks);
    Checks.given(text, "text");
  }

  /** {@return the text} */
  @Override
  public String toString() {
    return text;
  }
}
