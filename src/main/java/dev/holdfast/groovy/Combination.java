package dev.holdfast.groovy;

import dev.holdfast.internal.util.Checks;
import groovy.lang.Closure;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A fan-out over closures, of which the last may combine the results of the others. */
final class Combination {

  private Combination() {}

  /** {@return the closures; throws if one is null} */
  @SafeVarargs
  static <R extends @Nullable Object> List<Closure<? extends R>> checked(
      Closure<? extends R>... closures) {
    var all = new ArrayList<Closure<? extends R>>();
    for (int i = 0; i < closures.length; i++) {
      all.add(Checks.given(closures[i], "abcdef".substring(i, i + 1)));
    }
    return all;
  }

  /** {@return the closures to run concurrently} */
  static List<Closure<?>> tasks(Closure<?>... closures) {
    List<Closure<?>> all = checked(closures);
    int others = all.size() - 1;
    return combines(all.getLast(), others) ? all.subList(0, others) : all;
  }

  /** {@return what the last closure makes of the results, or null if it was one of the tasks} */
  static <R extends @Nullable Object> @Nullable R of(List<?> results, Closure<R> last) {
    return combines(last, results.size()) ? last.call(results.toArray()) : null;
  }

  private static boolean combines(Closure<?> last, int results) {
    return last.getMaximumNumberOfParameters() == results;
  }
}
