package dev.holdfast.inspect;

import dev.holdfast.internal.util.Checks;

/**
 * How full a guard is. All figures are from the same moment, or nearly so.
 *
 * @param name its name
 * @param places how many calls may run concurrently
 * @param inside how many calls run
 * @param waiting how many calls wait for a place
 * @param refused how many calls were rejected or skipped so far
 * @since 0.1
 */
public record GuardInfo(String name, int places, int inside, int waiting, long refused) {

  /**
   * Creates a record.
   *
   * @throws NullPointerException if {@code name} is {@code null}
   */
  public GuardInfo {
    Checks.given(name, "name");
  }
}
