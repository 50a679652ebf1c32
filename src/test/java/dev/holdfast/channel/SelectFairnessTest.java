package dev.holdfast.channel;

import static dev.holdfast.channel.ChannelFixtures.open;
import static dev.holdfast.channel.LeavesNoThread.Threads.start;
import static dev.holdfast.channel.LeavesNoThread.Threads.waiting;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.OnThread;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;

/** A fair select takes each ready clause with the same probability, to within 2 %. */
@LeavesNoThread
class SelectFairnessTest {

  /** With an even chance the standard deviation of a share is 0.4 %. */
  private static final int ROUNDS = 20_000;

  private static final double TOLERANCE = 0.02;

  /** How often each clause was taken. */
  private final int[] taken = new int[16];

  private final List<Clause<Integer>> clauses = new ArrayList<>();

  private void receives(Channel<Integer> channel) {
    int index = clauses.size();
    clauses.add(
        channel.onReceive(element -> {
          taken[index]++;
          return element;
        }));
  }

  private void sends(Channel<Integer> channel) {
    int index = clauses.size();
    clauses.add(
        channel.onSend(
            1,
            () -> {
              taken[index]++;
              return 1;
            }));
  }

  private void idle(int count) {
    for (int i = 0; i < count; i++) {
      receives(open(1));
    }
  }

  private void ready(int count) {
    for (int i = 0; i < count; i++) {
      Channel<Integer> closed = open(1);
      closed.close();
      int index = clauses.size();
      clauses.add(
          closed.onReceiveOrNull(end -> {
            taken[index]++;
            return 0;
          }));
    }
  }

  private void isFair(int... readyClauses) {
    double share = 1.0 / readyClauses.length;
    for (int clause : readyClauses) {
      double got = taken[clause] / (double) ROUNDS;
      assertTrue(
          Math.abs(got - share) <= TOLERANCE,
          () -> "clause " + clause + " got " + got + ": " + Arrays.toString(taken));
    }
  }

  private void awaitOften() throws InterruptedException {
    Select<Integer> select = Select.of(clauses);
    for (int i = 0; i < ROUNDS; i++) {
      select.await();
    }
  }

  @Test
  void idle_clauses_before_two_ready_ones_favour_neither() throws Exception {
    idle(8);
    ready(2);
    awaitOften();
    isFair(8, 9);
  }

  @Test
  void idle_clauses_between_ready_ones_favour_none() throws Exception {
    ready(1);
    idle(3);
    ready(2);
    idle(1);
    ready(1);
    awaitOften();
    isFair(0, 4, 5, 7);
  }

  @Test
  void without_idle_clauses_each_gets_its_share() throws Exception {
    ready(5);
    awaitOften();
    isFair(0, 1, 2, 3, 4);
  }

  @Test
  void two_ready_clauses_on_one_channel_each_get_their_share() throws Exception {
    Channel<Integer> channel = open(1);
    receives(channel);
    idle(2);
    receives(channel);
    Select<Integer> select = Select.of(clauses);
    for (int i = 0; i < ROUNDS; i++) {
      channel.send(1);
      select.await();
    }
    isFair(0, 3);
  }

  @EachThreadKind
  void waiting_clauses_on_one_channel_each_get_their_share(ThreadFactory threads) throws Exception {
    Channel<Integer> channel = open(0);
    receives(channel);
    idle(1);
    receives(channel);
    receives(channel);
    OnThread<Integer> selecting = startSelecting(threads);
    for (int i = 0; i < ROUNDS; i++) {
      awaitWaiters(channel, 3);
      channel.send(i);
    }
    selecting.value();
    isFair(0, 2, 3);
  }

  @EachThreadKind
  void waiting_sends_on_one_channel_each_get_their_share(ThreadFactory threads) throws Exception {
    Channel<Integer> channel = open(0);
    sends(channel);
    sends(channel);
    idle(1);
    OnThread<Integer> selecting = startSelecting(threads);
    for (int i = 0; i < ROUNDS; i++) {
      awaitWaiters(channel, 2);
      channel.receive();
    }
    selecting.value();
    isFair(0, 1);
  }

  private OnThread<Integer> startSelecting(ThreadFactory threads) {
    return start(
        threads,
        () -> {
          awaitOften();
          return 0;
        });
  }

  private static void awaitWaiters(Channel<Integer> channel, int waiters) {
    while (waiting(channel) < waiters) {
      Thread.onSpinWait();
    }
  }
}
