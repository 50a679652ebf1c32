package dev.holdfast.internal.clock;

import java.util.function.Supplier;

/**
 * Tells flight recordings where the current thread is, even in packages that cannot depend on
 * scopes.
 */
public final class CurrentScope {

  /**
   * A place in the program.
   *
   * @param scope the number of the user's scope, unique in its JVM; 0 outside every scope
   * @param parent the number of the scope around {@code scope}; 0 if there is none
   * @param at the innermost frame that is neither of the library nor of the JDK; empty if there is
   *     none
   */
  public record Place(long scope, long parent, String at) {

    public static final Place NONE = new Place(0, 0, "");
  }

  private static volatile Supplier<Place> source = () -> Place.NONE;

  private CurrentScope() {}

  public static void describeBy(Supplier<Place> source) {
    CurrentScope.source = source;
  }

  /** {@return where the current thread is, found by walking its stack} */
  public static Place place() {
    return source.get();
  }
}
