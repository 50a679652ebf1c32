package dev.holdfast.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.channel.ChannelModel.Call;
import dev.holdfast.channel.ChannelModel.Nothing;
import dev.holdfast.channel.ChannelModel.Offer;
import dev.holdfast.channel.ChannelModel.Outcome;
import dev.holdfast.channel.Driven.Form;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/**
 * Random sequences of operations that do not wait give the same results on a channel and its model.
 */
class ChannelModelPropertyTest {

  /** The next step. */
  sealed interface Step {}

  record Send(Form form, int times) implements Step {}

  record Receive(Form form, boolean orNull, int times) implements Step {}

  record Drain(int max, int takes) implements Step {}

  /** A receive, a receive or null, or a send, on one of two channels. */
  record Choose(boolean inOrder, boolean orElse, List<Integer> clauses) implements Step {}

  record Finish(int way) implements Step {}

  record Setting(int capacity, Overflow overflow) {}

  private static final List<Form> FORMS = List.of(Form.values());

  @Provide
  Arbitrary<Setting> settings() {
    Arbitrary<Integer> capacity =
        Arbitraries.oneOf(
            Arbitraries.integers().between(0, 4),
            Arbitraries.integers().between(0, 20),
            Arbitraries.of(31, 32, 33, 64, 65, 100, 127, 1000));
    return Combinators.combine(capacity, Arbitraries.of(Overflow.class)).as(Setting::new);
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    Arbitrary<Integer> times =
        Arbitraries.frequencyOf(
            Tuple.of(3, Arbitraries.just(1)), Tuple.of(2, Arbitraries.integers().between(1, 40)));
    Arbitrary<Form> form = Arbitraries.of(FORMS);
    Arbitrary<Integer> few = Arbitraries.integers().between(0, 12);
    Arbitrary<Integer> takes =
        Arbitraries.frequencyOf(Tuple.of(3, Arbitraries.just(Integer.MAX_VALUE)), Tuple.of(1, few));
    Arbitrary<Step> step =
        Arbitraries.frequencyOf(
            Tuple.of(12, Combinators.combine(form, times).as(Send::new)),
            Tuple.of(
                12, Combinators.combine(form, Arbitraries.of(true, false), times).as(Receive::new)),
            Tuple.of(3, Combinators.combine(few, takes).as(Drain::new)),
            Tuple.of(
                6,
                Combinators.combine(
                        Arbitraries.of(true, false),
                        Arbitraries.of(true, false),
                        Arbitraries.integers().between(0, 5).list().ofMinSize(1).ofMaxSize(5))
                    .as(Choose::new)),
            Tuple.of(1, Arbitraries.of(0, 0, 1, 2).map(Finish::new)));
    return step.list().ofMaxSize(80);
  }

  private int next;

  @Property(tries = 1000)
  void a_channel_does_what_its_model_does(
      @ForAll("settings") Setting one,
      @ForAll("settings") Setting two,
      @ForAll("steps") List<Step> steps) {
    Driven first = Driven.of(one.capacity, one.overflow);
    Driven second = Driven.of(two.capacity, two.overflow);
    for (Step step : steps) {
      switch (step) {
        case Send send -> {
          for (int i = 0; i < send.times; i++) {
            make(first, new Offer(first.model(), next++, false), send.form);
          }
        }
        case Receive receive -> {
          for (int i = 0; i < receive.times; i++) {
            make(first, new Offer(first.model(), null, receive.orNull), receive.form);
          }
        }
        case Drain drain -> first.drain(drain.max, drain.takes);
        case Choose choose -> choose(choose, List.of(first, second));
        case Finish finish -> {
          switch (finish.way) {
            case 0 -> first.close();
            case 1 -> first.fail();
            default -> first.end();
          }
        }
      }
      first.verify();
      second.verify();
    }
    first.end();
    second.end();
    first.verify();
    second.verify();
  }

  private static void make(Driven driven, Offer asked, Form asFar) {
    Form form = asked.isReady() || asFar == Form.TRY ? asFar : Form.ZERO;
    boolean orNull =
        switch (form) {
          case TRY, OR_NULL -> true;
          case SELECT, SELECT_IN_ORDER -> asked.orNull();
          default -> false;
        };
    var offer = new Offer(asked.channel(), asked.element(), orNull);
    Outcome actual = driven.make(offer, form);
    Outcome expected = offer.attempt();
    if (expected == null
        || (form == Form.TRY
            && expected.equals(new ChannelModel.Done(offer, null))
            && !offer.sends())) {
      expected = new Nothing();
    }
    assertEquals(expected, actual);
  }

  private void choose(Choose choose, List<Driven> both) {
    List<Offer> offers = new ArrayList<>();
    List<Clause<Outcome>> clauses = new ArrayList<>();
    for (int clause : choose.clauses) {
      Driven driven = both.get(clause % 2);
      var offer = new Offer(driven.model(), clause < 2 ? next++ : null, clause < 4);
      offers.add(offer);
      clauses.add(driven.clause(offer));
    }
    var call = new Call(offers);
    boolean ready = offers.stream().anyMatch(Offer::isReady);
    if (choose.orElse || !ready) {
      clauses.add(Select.orElse(Nothing::new));
    }
    Select<Outcome> select = choose.inOrder ? Select.first(clauses) : Select.of(clauses);
    Outcome actual = Driven.outcome(select::await);
    Outcome expected = call.play(choose.inOrder, () -> actual);
    assertEquals(expected == null ? new Nothing() : expected, actual);
  }
}
