package dev.holdfast.simulation.engine;

import dev.holdfast.internal.cancel.CancelScope;
import dev.holdfast.internal.cancel.ThreadScope;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The faults of one run: at which steps, and which. */
public final class FaultPlan {

  /** What goes wrong. */
  public enum Kind {
    DELAY,
    CANCEL,
    TIME_OUT,
    INTERRUPT
  }

  /** The plan without faults. */
  public static final FaultPlan NONE = new FaultPlan(List.of(), 0);

  private static final int SPARSEST = 7;
  private static final long SHORTEST_NANOS = 1_000;
  private static final int DELAYS = 24;

  private final List<Kind> kinds;
  private final Random random;

  /** The step of the only fault, or 0 if faults occur at random. */
  private final long at;

  private final double chance;

  private boolean struck;

  /**
   * Creates a plan. With even seeds there is one fault, at a step that grows with the seed, so that
   * consecutive even seeds try consecutive steps.
   */
  public FaultPlan(List<Kind> kinds, long seed) {
    this.kinds = List.copyOf(kinds);
    this.random = new Random(~seed);
    this.at = (seed & 1) == 0 ? 1 + Math.floorMod(seed / 2, 1L << 12) : 0;
    this.chance = 1.0 / (2 << random.nextInt(SPARSEST));
  }

  /** {@return the fault that strikes the current thread at a step, or null} */
  @Nullable Kind at(long step) {
    if (kinds.isEmpty() || struck || (at > 0 ? step != at : random.nextDouble() >= chance)) {
      return null;
    }
    struck = at > 0 || random.nextInt(3) == 0;
    return kinds.get(random.nextInt(kinds.size()));
  }

  void strike(Kind kind, Controller controller, Strand self) {
    switch (kind) {
      case DELAY -> controller.delay(self, SHORTEST_NANOS << random.nextInt(DELAYS));
      case TIME_OUT -> controller.hurry();
      case INTERRUPT -> Thread.currentThread().interrupt();
      case CANCEL -> {
        CancelScope scope = ThreadScope.currentScope();
        if (scope != null && !scope.hasEnded()) {
          scope.cancel("a fault of the simulation");
        }
      }
    }
  }
}
