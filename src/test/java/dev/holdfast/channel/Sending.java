package dev.holdfast.channel;

import static dev.holdfast.channel.ChannelFixtures.FOR_AGES;
import static dev.holdfast.channel.ChannelFixtures.HOUR;
import static dev.holdfast.channel.ChannelFixtures.open;

/** The blocking sends. */
enum Sending {
  SEND {
    @Override
    boolean send(Channel<Integer> to, int element) throws InterruptedException {
      to.send(element);
      return true;
    }
  },
  TIMED {
    @Override
    boolean send(Channel<Integer> to, int element) throws InterruptedException {
      return to.send(element, HOUR);
    }
  },
  FOR_AGES_LONG {
    @Override
    boolean send(Channel<Integer> to, int element) throws InterruptedException {
      return to.send(element, FOR_AGES);
    }
  },
  SELECT {
    @Override
    boolean send(Channel<Integer> to, int element) throws InterruptedException {
      return Select.of(to.onSend(element, () -> true)).await();
    }
  },
  SELECT_AMONG_OTHERS {
    @Override
    boolean send(Channel<Integer> to, int element) throws InterruptedException {
      Channel<Integer> other = open(0);
      return Select.first(
              other.onReceive(got -> false),
              Select.timeout(FOR_AGES, () -> false),
              to.onSend(element, () -> true),
              other.onSend(element, () -> false))
          .await();
    }
  };

  /** {@return true} */
  abstract boolean send(Channel<Integer> to, int element) throws InterruptedException;
}
