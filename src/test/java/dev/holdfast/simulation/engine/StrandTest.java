package dev.holdfast.simulation.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class StrandTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  private final Strand strand = new Strand(0, Thread.currentThread(), () -> "a strand");

  private Thread referee() {
    return Thread.ofPlatform().daemon().name("referee").start(strand::awaitTaking);
  }

  @Test
  void a_strand_that_takes_its_turn_ends_the_wait_for_that() throws Exception {
    strand.turn = true;
    Thread referee = referee();
    while (referee.getState() != Thread.State.WAITING) {
      Thread.sleep(1);
    }
    strand.takeTurn();
    assertTrue(referee.join(LONG));
  }

  @Test
  void there_is_no_wait_for_a_turn_that_was_taken() throws Exception {
    strand.turn = true;
    strand.takeTurn();
    assertTrue(referee().join(LONG));
  }
}
