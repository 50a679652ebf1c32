package dev.holdfast.inspect;

import dev.holdfast.internal.util.Checks;
import java.util.List;

/**
 * A report of tasks that do not stop, of tasks that wait for each other, or of a root that no code
 * can close. No exception reports these problems.
 *
 * @param kind what is wrong
 * @param scope the name of the scope of the tasks
 * @param tasks the names of the tasks; for the body of a scope, the name of the scope; empty for
 *     {@link Kind#LOST}
 * @param text all details, on several lines
 * @since 0.1
 */
public record Report(Kind kind, String scope, List<String> tasks, String text) {

  /**
   * The kind of problem that a report describes.
   *
   * @since 0.1
   */
  public enum Kind {
    /** Tasks that still run a second after their cancellation and the grace. */
    STUCK,
    /** Tasks that each wait for an action of another waiting task. */
    STALLED,
    /** Tasks that join each other in a cycle. */
    DEADLOCKED,
    /** A root that was not closed, and whose {@code RootScope} is garbage. */
    LOST
  }

  /**
   * Creates a report.
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
