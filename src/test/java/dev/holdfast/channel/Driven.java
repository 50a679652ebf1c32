package dev.holdfast.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.channel.ChannelFixtures.Subject;
import dev.holdfast.channel.ChannelModel.Done;
import dev.holdfast.channel.ChannelModel.Ended;
import dev.holdfast.channel.ChannelModel.Interrupted;
import dev.holdfast.channel.ChannelModel.Nothing;
import dev.holdfast.channel.ChannelModel.Offer;
import dev.holdfast.channel.ChannelModel.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;

/** A channel and its model, driven side by side. */
record Driven(Subject subject, ChannelModel model) {

  /** The form of a call. */
  enum Form {
    TRY,
    ZERO,
    PLAIN,
    OR_NULL,
    LONG,
    SELECT,
    SELECT_IN_ORDER
  }

  static Driven of(int capacity, Overflow overflow) {
    return new Driven(
        ChannelFixtures.subject(capacity, overflow), new ChannelModel(capacity, overflow));
  }

  Channel<Integer> channel() {
    return subject.channel();
  }

  /** {@return the result of the call} */
  static Outcome outcome(Callable<Outcome> call) {
    try {
      return call.call();
    } catch (ChannelClosedException e) {
      return new Ended(e.getCause());
    } catch (InterruptedException e) {
      return new Interrupted();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Performs an offer of this channel's model. */
  Outcome make(Offer offer, Form form) {
    return outcome(() -> offer.sends() ? send(offer, form) : receive(offer, form));
  }

  private Outcome send(Offer offer, Form form) throws InterruptedException {
    Integer e = offer.element();
    boolean sent =
        switch (form) {
          case TRY -> channel().trySend(e);
          case ZERO -> channel().send(e, Duration.ZERO);
          case LONG -> channel().send(e, ChannelFixtures.FOR_AGES);
          case PLAIN, OR_NULL -> {
            channel().send(e);
            yield true;
          }
          case SELECT -> Select.of(channel().onSend(e, () -> true)).await();
          case SELECT_IN_ORDER -> Select.first(channel().onSend(e, () -> true)).await();
        };
    return sent ? new Done(offer, null) : new Nothing();
  }

  private Outcome receive(Offer offer, Form form) throws InterruptedException {
    Integer element =
        switch (form) {
          case TRY -> channel().tryReceive();
          case ZERO -> channel().receive(Duration.ZERO);
          case LONG -> channel().receive(ChannelFixtures.FOR_AGES);
          case PLAIN -> channel().receive();
          case OR_NULL -> channel().receiveOrNull();
          case SELECT -> Select.of(onReceive(offer)).await();
          case SELECT_IN_ORDER -> Select.first(onReceive(offer)).await();
        };
    boolean nothing = element == null && (form == Form.TRY || form == Form.ZERO);
    return nothing ? new Nothing() : new Done(offer, element);
  }

  private Clause<Integer> onReceive(Offer offer) {
    return offer.orNull() ? channel().onReceiveOrNull(e -> e) : channel().onReceive(e -> e);
  }

  Clause<Outcome> clause(Offer offer) {
    if (offer.sends()) {
      return channel().onSend(offer.element(), () -> new Done(offer, null));
    }
    return offer.orNull()
        ? channel().onReceiveOrNull(e -> new Done(offer, e))
        : channel().onReceive(e -> new Done(offer, e));
  }

  /** A list of limited size. */
  private static final class Few extends ArrayList<Integer> {
    private static final long serialVersionUID = 1;
    private final int takes;

    Few(int takes) {
      this.takes = takes;
    }

    @Override
    public boolean add(Integer element) {
      if (size() == takes) {
        throw new UnsupportedOperationException();
      }
      return super.add(element);
    }

    @Override
    public boolean addAll(Collection<? extends Integer> elements) {
      elements.forEach(this::add);
      return true;
    }
  }

  void drain(int max, int takes) {
    var into = new Few(takes);
    Object got;
    try {
      int count = channel().drainTo(into, max);
      assertEquals(into.size(), count);
      got = into;
    } catch (UnsupportedOperationException full) {
      got = into;
    } catch (ChannelClosedException e) {
      got = new Ended(e.getCause());
    }
    assertEquals(model.drain(max, takes), got);
  }

  void close() {
    channel().close();
    model.close();
  }

  void fail() {
    subject.fail();
    model.fail(subject.cause());
  }

  void end() {
    subject.life().end();
    model.end();
  }

  /** Fails unless channel and model agree. */
  void verify() {
    assertEquals(model.stats(), channel().stats());
    assertEquals(model.stats().size(), channel().size());
    assertEquals(model.isClosed(), channel().isClosed());
    assertEquals(model.left, List.copyOf(subject.left()));
  }
}
