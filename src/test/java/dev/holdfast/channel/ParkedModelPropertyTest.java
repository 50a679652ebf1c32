package dev.holdfast.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.channel.ChannelModel.Call;
import dev.holdfast.channel.ChannelModel.Interrupted;
import dev.holdfast.channel.ChannelModel.Nothing;
import dev.holdfast.channel.ChannelModel.Offer;
import dev.holdfast.channel.ChannelModel.Outcome;
import dev.holdfast.channel.Driven.Form;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/**
 * Random sequences of operations that may wait, each on a thread of its own: after every step the
 * threads that wait and the results of the others are those of the model.
 */
class ParkedModelPropertyTest {

  /** The next step. */
  sealed interface Step {}

  /** A thread starts an operation; from 0 on: send, receive, receive or null. */
  record Ask(int channel, int what, Form form) implements Step {}

  /** A thread starts a select; a timeout of a millisecond may end its wait. */
  record Choose(boolean inOrder, boolean soon, List<Integer> clauses) implements Step {}

  /** A thread starts an operation with a timeout of a millisecond. */
  record AskBriefly(int channel, boolean send) implements Step {}

  /** The driver performs an operation that does not wait. */
  record Try(int channel, boolean send) implements Step {}

  record Drain(int channel, int max, int takes) implements Step {}

  /** A thread that waits is interrupted. */
  record Interrupt(int which) implements Step {}

  record Finish(int channel, int way) implements Step {}

  record Setting(int capacity, Overflow overflow) {}

  @Provide
  Arbitrary<Setting> settings() {
    return Combinators.combine(
            Arbitraries.of(0, 0, 1, 1, 2, 3, 5),
            Arbitraries.frequency(
                Tuple.of(6, Overflow.BLOCK),
                Tuple.of(1, Overflow.DROP_OLDEST),
                Tuple.of(1, Overflow.DROP_NEWEST)))
        .as(Setting::new);
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    Arbitrary<Integer> channel = Arbitraries.of(0, 1);
    Arbitrary<Boolean> bool = Arbitraries.of(true, false);
    Arbitrary<Form> form =
        Arbitraries.of(Form.PLAIN, Form.OR_NULL, Form.LONG, Form.SELECT, Form.SELECT_IN_ORDER);
    Arbitrary<Integer> what = Arbitraries.integers().between(0, 2);
    Arbitrary<List<Integer>> clauses =
        Arbitraries.integers().between(0, 5).list().ofMinSize(1).ofMaxSize(4);
    Arbitrary<Step> step =
        Arbitraries.frequencyOf(
            Tuple.of(12, Combinators.combine(channel, what, form).as(Ask::new)),
            Tuple.of(
                6,
                Combinators.combine(
                        bool, Arbitraries.frequency(Tuple.of(4, false), Tuple.of(1, true)), clauses)
                    .as(Choose::new)),
            Tuple.of(1, Combinators.combine(channel, bool).as(AskBriefly::new)),
            Tuple.of(6, Combinators.combine(channel, bool).as(Try::new)),
            Tuple.of(
                1,
                Combinators.combine(
                        channel, Arbitraries.integers().between(0, 5), Arbitraries.of(1, 3, 99))
                    .as(Drain::new)),
            Tuple.of(4, Arbitraries.integers().between(0, 9).map(Interrupt::new)),
            Tuple.of(1, Combinators.combine(channel, Arbitraries.of(0, 0, 1, 2)).as(Finish::new)));
    return step.list().ofMinSize(1).ofMaxSize(40);
  }

  @Property(tries = 300)
  void waiting_operations_are_served_as_in_the_model(
      @ForAll("settings") Setting one,
      @ForAll("settings") Setting two,
      @ForAll boolean virtual,
      @ForAll("steps") List<Step> steps) {
    var run =
        new Run(
            List.of(Driven.of(one.capacity, one.overflow), Driven.of(two.capacity, two.overflow)),
            virtual ? Thread.ofVirtual().factory() : Thread.ofPlatform().daemon().factory());
    try {
      steps.forEach(run::play);
      run.both.forEach(Driven::end);
      run.settle();
      assertTrue(run.waiting.isEmpty());
    } finally {
      run.waiting.values().forEach(OnThread::interrupt);
      run.both.forEach(driven -> driven.subject().life().end());
    }
  }

  private static final class Run {

    final List<Driven> both;
    final ThreadFactory threads;
    final Map<Call, OnThread<Outcome>> waiting = new LinkedHashMap<>();
    int next;

    Run(List<Driven> both, ThreadFactory threads) {
      this.both = both;
      this.threads = threads;
    }

    void play(Step step) {
      switch (step) {
        case Ask ask -> {
          Form form = ask.form;
          boolean orNull =
              form == Form.OR_NULL || (ask.what == 2 && (form != Form.PLAIN && form != Form.LONG));
          Offer offer = offer(ask.channel, ask.what == 0, orNull);
          Driven driven = both.get(ask.channel);
          ask(new Call(List.of(offer)), true, false, () -> driven.make(offer, form));
        }
        case Choose choose -> choose(choose);
        case AskBriefly brief -> {
          Channel<Integer> channel = both.get(brief.channel).channel();
          Offer offer = offer(brief.channel, brief.send, false);
          Duration soon = Duration.ofMillis(1);
          ask(
              new Call(List.of(offer)),
              true,
              true,
              () -> {
                if (brief.send) {
                  return channel.send(offer.element(), soon) ? done(offer, null) : new Nothing();
                }
                Integer element = channel.receive(soon);
                return element != null ? done(offer, element) : new Nothing();
              });
        }
        case Try attempt -> {
          Offer offer = offer(attempt.channel, attempt.send, true);
          Outcome actual = both.get(attempt.channel).make(offer, Form.TRY);
          Outcome expected = offer.attempt();
          boolean nothing =
              expected == null || (!attempt.send && expected.equals(done(offer, null)));
          assertEquals(nothing ? new Nothing() : expected, actual);
        }
        case Drain drain -> both.get(drain.channel).drain(drain.max, drain.takes);
        case Interrupt interrupt -> interrupt(interrupt.which);
        case Finish finish -> {
          switch (finish.way) {
            case 0 -> both.get(finish.channel).close();
            case 1 -> both.get(finish.channel).fail();
            default -> both.get(finish.channel).end();
          }
        }
      }
      settle();
    }

    private static Outcome done(Offer offer, Integer element) {
      return new ChannelModel.Done(offer, element);
    }

    private Offer offer(int channel, boolean send, boolean orNull) {
      return new Offer(both.get(channel).model(), send ? next++ : null, orNull);
    }

    /** There are no two clauses for the same end of a channel, of which any could be taken. */
    private void choose(Choose choose) {
      List<Offer> offers = new ArrayList<>();
      List<Clause<Outcome>> clauses = new ArrayList<>();
      var ends = new HashSet<Integer>();
      for (int clause : choose.clauses) {
        if (ends.add(clause < 2 ? clause : 2 + clause % 2)) {
          Offer offer = offer(clause % 2, clause < 2, clause < 4);
          offers.add(offer);
          clauses.add(both.get(clause % 2).clause(offer));
        }
      }
      clauses.add(
          choose.soon
              ? Select.timeout(Duration.ofMillis(1), Nothing::new)
              : Select.timeout(ChannelFixtures.HOUR, Nothing::new));
      Select<Outcome> select = choose.inOrder ? Select.first(clauses) : Select.of(clauses);
      ask(new Call(offers), choose.inOrder, choose.soon, select::await);
    }

    private void ask(
        Call call, boolean inOrder, boolean soon, java.util.concurrent.Callable<Outcome> real) {
      OnThread<Outcome> thread = OnThread.start(threads, () -> Driven.outcome(real));
      waiting.put(call, thread); // so that it ends with this run in any case
      Outcome expected = call.play(inOrder, thread::value);
      if (expected == null && soon) {
        expected = new Nothing();
      }
      if (expected != null) {
        waiting.remove(call);
        assertEquals(expected, thread.value());
        return;
      }
      call.waits();
      Poll.until(() ->
          !thread.thread().isAlive()
              || both.stream().allMatch(d -> d.model().stats().equals(d.channel().stats())));
      thread.blocked();
    }

    private void interrupt(int which) {
      if (!waiting.isEmpty()) {
        List<Call> calls = List.copyOf(waiting.keySet());
        Call call = calls.get(which % calls.size());
        waiting.get(call).interrupt();
        call.ends(new Interrupted());
      }
    }

    /** Exactly the threads that the model has served have ended. */
    void settle() {
      for (Call call : List.copyOf(waiting.keySet())) {
        if (!call.outcomes.isEmpty()) {
          OnThread<Outcome> thread = waiting.get(call);
          Outcome actual = thread.value();
          assertTrue(
              call.outcomes.contains(actual), () -> actual + ", expected of " + call.outcomes);
          assertFalse(thread.flag());
          waiting.remove(call);
        }
      }
      waiting.values().forEach(thread -> assertTrue(thread.thread().isAlive(), "one ended"));
      both.forEach(Driven::verify);
    }
  }
}
