package dev.holdfast;

/**
 * What the owner of a scope waits for.
 *
 * @param text how messages call it
 */
record Awaited(Wait.Operation operation, ScopeFrame scope, String text) {

  @Override
  public String toString() {
    return text;
  }
}
