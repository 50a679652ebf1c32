package dev.holdfast.simulation.engine;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Picks the strand that runs next. */
public abstract class Chooser {

  /** How many turns in a row a strand gets while others are ready, so that no loop starves them. */
  private static final int LONGEST_STREAK = 200;

  /** Called for each strand on its creation. */
  void made(Strand strand) {}

  /**
   * Picks a strand.
   *
   * @param ready the strands that can continue, by number, at least two
   * @param current the strand that has reached a point, if it is ready; or null
   * @param last the strand that had the turn
   */
  abstract Strand choose(List<Strand> ready, @Nullable Strand current, @Nullable Strand last);

  /** {@return a chooser that gives each ready strand the same chance} */
  public static Chooser random(Random random) {
    return new Sticky(random, 1);
  }

  /** {@return a chooser that rarely switches} */
  public static Chooser sticky(Random random) {
    return new Sticky(random, 0.5 / (1 << random.nextInt(4)));
  }

  /** {@return a chooser that uses random priorities} */
  public static Chooser priorities(Random random) {
    return new Priorities(random);
  }

  static Chooser scripted(Map<Point, Integer> switches) {
    return new Scripted(switches);
  }

  /** Picks at random; keeps the current strand unless it draws a switch. */
  private static final class Sticky extends Chooser {

    private final Random random;
    private final double switching;

    Sticky(Random random, double switching) {
      this.random = random;
      this.switching = switching;
    }

    @Override
    Strand choose(List<Strand> ready, @Nullable Strand current, @Nullable Strand last) {
      if (current != null && switching < 1 && random.nextDouble() >= switching) {
        return current;
      }
      return ready.get(random.nextInt(ready.size()));
    }
  }

  /**
   * Picks the ready strand with the highest priority, and changes priorities at a few random steps.
   */
  private static final class Priorities extends Chooser {

    private final Random random;
    private final Set<Integer> changes = new HashSet<>();
    private int steps;
    private long lowest;

    Priorities(Random random) {
      this.random = random;
      int length = 4 << random.nextInt(8);
      for (int depth = random.nextInt(5); depth > 0; depth--) {
        changes.add(random.nextInt(length));
      }
    }

    @Override
    void made(Strand strand) {
      strand.priority = random.nextInt(Integer.MAX_VALUE);
    }

    @Override
    Strand choose(List<Strand> ready, @Nullable Strand current, @Nullable Strand last) {
      boolean change = changes.contains(steps++);
      if (current != null && (change || current.streak > LONGEST_STREAK)) {
        current.priority = --lowest;
      }
      Strand highest = ready.get(0);
      for (Strand strand : ready) {
        if (strand.priority > highest.priority) {
          highest = strand;
        }
      }
      return highest;
    }
  }

  /**
   * A decision: the strand that had the turn, and how many decisions came before it in that strand.
   */
  record Point(int strand, int decision) {}

  /**
   * Follows a list of switches. At every other point the strand continues. If it cannot, the ready
   * strand with the lowest number runs.
   */
  private static final class Scripted extends Chooser {

    private final Map<Point, Integer> switches;

    Scripted(Map<Point, Integer> switches) {
      this.switches = new HashMap<>(switches);
    }

    @Override
    Strand choose(List<Strand> ready, @Nullable Strand current, @Nullable Strand last) {
      Integer next = last == null ? null : switches.get(new Point(last.id, last.decisions));
      if (next != null) {
        for (Strand strand : ready) {
          if (strand.id == next) {
            return strand;
          }
        }
      }
      boolean stuck = current != null && current.streak > LONGEST_STREAK;
      return current != null && !stuck ? current : byDefault(ready, current);
    }
  }

  /** {@return the strand that runs where no switch is given} */
  static Strand byDefault(List<Strand> ready, @Nullable Strand current) {
    for (Strand strand : ready) {
      if (strand != current) {
        return strand;
      }
    }
    return ready.get(0);
  }
}
