package dev.holdfast.channel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Supplier;

/**
 * A sequential model of a channel: one thread, a deque of elements and two lists of waiting calls.
 *
 * <p>A waiting operation is a {@link Call}. A call has one offer, a select has several; the first
 * that becomes possible is performed, and none of the others.
 */
final class ChannelModel {

  /** The result of a call. */
  sealed interface Outcome {}

  /** One of its offers was performed; the element is null for a send and at the end. */
  record Done(Offer by, Integer element) implements Outcome {}

  /** The channel was closed, or had failed with this cause. */
  record Ended(Throwable cause) implements Outcome {}

  /** It was interrupted. */
  record Interrupted() implements Outcome {}

  /** Nothing was possible at once, or before the timeout. */
  record Nothing() implements Outcome {}

  /** An alternative of a call: a send or a receive. */
  record Offer(ChannelModel channel, Integer element, boolean orNull) {

    boolean sends() {
      return element != null;
    }

    /** {@return its result, or null if it would wait} */
    Outcome attempt() {
      return sends() ? channel.send(this) : channel.receive(this);
    }

    boolean isReady() {
      if (sends()) {
        return channel.isClosed()
            || !channel.receivers.isEmpty()
            || channel.overflow != Overflow.BLOCK
            || channel.held.size() < channel.capacity;
      }
      return channel.isClosed() || !channel.held.isEmpty() || !channel.senders.isEmpty();
    }

    boolean hasEnded() {
      return sends()
          ? channel.isClosed()
          : channel.state == State.FAILED
              || (channel.state == State.CLOSED && channel.held.isEmpty() && !orNull);
    }
  }

  /** An operation that a thread has started. */
  static final class Call {

    final List<Offer> offers;

    /** The results it may have had; several if two of its offers ended. */
    final List<Outcome> outcomes = new ArrayList<>();

    Call(List<Offer> offers) {
      this.offers = offers;
    }

    /**
     * {@return its result, or null if it waits}
     *
     * @param inOrder whether the first ready offer is taken, instead of any of them
     * @param actual the actual result, which shows the offer that was taken
     */
    Outcome play(boolean inOrder, Supplier<Outcome> actual) {
      List<Offer> ready = offers.stream().filter(Offer::isReady).toList();
      if (ready.isEmpty()) {
        return null;
      }
      Offer chosen = ready.getFirst();
      if (!inOrder && ready.size() > 1) {
        Outcome outcome = actual.get();
        chosen =
            ready.stream()
                .filter(o ->
                    outcome instanceof Done done
                        ? o.equals(done.by)
                        : o.hasEnded() && outcome.equals(new Ended(o.channel.cause)))
                .findFirst()
                .orElse(chosen);
      }
      return chosen.attempt();
    }

    void waits() {
      for (Offer offer : offers) {
        (offer.sends() ? offer.channel.senders : offer.channel.receivers)
            .add(new Waiting(this, offer));
      }
    }

    void ends(Outcome outcome) {
      outcomes.add(outcome);
      for (Offer offer : offers) {
        offer.channel.senders.removeIf(w -> w.call == this);
        offer.channel.receivers.removeIf(w -> w.call == this);
      }
    }
  }

  private record Waiting(Call call, Offer offer) {}

  private enum State {
    OPEN,
    CLOSED,
    FAILED
  }

  private final int capacity;
  private final Overflow overflow;

  private final ArrayDeque<Integer> held = new ArrayDeque<>();
  private final List<Waiting> senders = new ArrayList<>();
  private final List<Waiting> receivers = new ArrayList<>();
  private State state = State.OPEN;
  private Throwable cause;
  private int peak;
  private long sent;
  private long received;

  /** The elements passed to onUndelivered. */
  final List<Integer> left = new ArrayList<>();

  ChannelModel(int capacity, Overflow overflow) {
    this.capacity = capacity;
    this.overflow = overflow;
  }

  private Outcome send(Offer offer) {
    if (state != State.OPEN) {
      return new Ended(cause);
    }
    if (!receivers.isEmpty()) {
      Waiting first = receivers.getFirst();
      first.call.ends(new Done(first.offer, offer.element));
      received++;
    } else if (held.size() < capacity) {
      held.add(offer.element);
    } else if (overflow == Overflow.BLOCK) {
      return null;
    } else if (overflow == Overflow.DROP_OLDEST && capacity > 0) {
      left.add(held.remove());
      held.add(offer.element);
    } else {
      left.add(offer.element);
    }
    sent++;
    peak = Math.max(peak, held.size());
    return new Done(offer, null);
  }

  private Outcome receive(Offer offer) {
    if (state == State.FAILED) {
      return new Ended(cause);
    }
    Integer element = held.poll();
    if (!senders.isEmpty()) {
      Waiting first = senders.getFirst();
      first.call.ends(new Done(first.offer, null));
      sent++;
      if (element == null) {
        element = first.offer.element;
      } else {
        held.add(first.offer.element);
      }
    }
    if (element != null) {
      received++;
      return new Done(offer, element);
    }
    if (state == State.OPEN) {
      return null;
    }
    return offer.orNull ? new Done(offer, null) : new Ended(null);
  }

  /** {@return what was drained, or how the channel had ended; elements not drained stay} */
  Object drain(int max, int taken) {
    if (state == State.FAILED) {
      return new Ended(cause);
    }
    var drained = new ArrayList<Integer>();
    var any = new Offer(this, null, true);
    while (drained.size() < max && receive(any) instanceof Done done && done.element != null) {
      drained.add(done.element);
    }
    List<Integer> rest = drained.subList(Math.min(taken, drained.size()), drained.size());
    received -= rest.size();
    left.addAll(rest);
    rest.clear();
    return drained;
  }

  void close() {
    if (state == State.OPEN) {
      state = State.CLOSED;
      wake();
    }
  }

  void fail(Throwable with) {
    if (state == State.OPEN) {
      state = State.FAILED;
      cause = with;
      wake();
      leave();
    }
  }

  void end() {
    close();
    leave();
  }

  private void leave() {
    left.addAll(held);
    held.clear();
  }

  /** The end of the channel ends every wait; that of a select through any of its offers. */
  private void wake() {
    var all = new LinkedHashSet<Call>();
    senders.forEach(waiting -> all.add(waiting.call));
    receivers.forEach(waiting -> all.add(waiting.call));
    senders.clear();
    receivers.clear();
    for (Call call : all) {
      for (Offer offer : call.offers) {
        if (offer.channel == this) {
          call.ends(offer.attempt());
        }
      }
    }
  }

  boolean isClosed() {
    return state != State.OPEN;
  }

  ChannelStats stats() {
    return new ChannelStats(
        held.size(), peak, sent, received, left.size(), senders.size(), receivers.size());
  }
}
