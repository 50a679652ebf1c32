package dev.holdfast.channel;

import static dev.holdfast.channel.ChannelFixtures.FOR_AGES;
import static dev.holdfast.channel.ChannelFixtures.HOUR;
import static dev.holdfast.channel.ChannelFixtures.open;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.holdfast.testing.OnThread;

/** The blocking receives. */
enum Receiving {
  RECEIVE(false) {
    @Override
    Integer receive(Channel<Integer> from) throws InterruptedException {
      return from.receive();
    }
  },
  OR_NULL(true) {
    @Override
    Integer receive(Channel<Integer> from) throws InterruptedException {
      return from.receiveOrNull();
    }
  },
  TIMED(false) {
    @Override
    Integer receive(Channel<Integer> from) throws InterruptedException {
      return from.receive(HOUR);
    }
  },
  FOR_AGES_LONG(false) {
    @Override
    Integer receive(Channel<Integer> from) throws InterruptedException {
      return from.receive(FOR_AGES);
    }
  },
  FOR_EACH(true) {
    @Override
    Integer receive(Channel<Integer> from) throws InterruptedException {
      try {
        from.forEach(element -> {
          throw new Got(element);
        });
        return null;
      } catch (Got got) {
        return got.element;
      }
    }
  },
  SELECT(false) {
    @Override
    Integer receive(Channel<Integer> from) throws InterruptedException {
      return Select.of(from.onReceive(got -> got)).await();
    }
  },
  SELECT_OR_NULL(true) {
    @Override
    Integer receive(Channel<Integer> from) throws InterruptedException {
      return Select.<Integer>of(from.onReceiveOrNull(got -> got)).await();
    }
  },
  SELECT_AMONG_OTHERS(false) {
    @Override
    Integer receive(Channel<Integer> from) throws InterruptedException {
      Channel<Integer> other = open(0);
      return Select.first(
              other.onSend(0, () -> -1),
              Select.timeout(HOUR, () -> -2),
              from.onReceive(got -> got),
              other.onReceive(got -> -3))
          .await();
    }
  };

  private static final class Got extends Exception {
    private static final long serialVersionUID = 1;
    final int element;

    Got(int element) {
      super(null, null, false, false);
      this.element = element;
    }
  }

  /** Whether it returns null, not throws, when the channel is closed and empty. */
  final boolean nullAtEnd;

  Receiving(boolean nullAtEnd) {
    this.nullAtEnd = nullAtEnd;
  }

  abstract Integer receive(Channel<Integer> from) throws InterruptedException;

  /** Fails unless that call met the end of a closed channel. */
  void sawTheEnd(OnThread<Integer> call) {
    if (nullAtEnd) {
      assertNull(call.value());
    } else {
      ChannelFixtures.ended(null, call.thrown());
    }
  }
}
