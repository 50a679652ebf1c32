package dev.holdfast.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.function.Executable;

/** Shared by the tests of channels. */
final class ChannelFixtures {

  static final Duration HOUR = Duration.ofHours(1);

  /** More nanoseconds than a long can hold. */
  static final Duration FOR_AGES = Duration.ofSeconds(Long.MAX_VALUE);

  private ChannelFixtures() {}

  /** A channel, its owner, its undelivered elements, and a cause to fail it with. */
  record Subject(
      Channel<Integer> channel, Life life, List<Integer> left, IllegalArgumentException cause) {

    void fail() {
      channel.fail(cause);
    }

    Subject holding(int... elements) {
      for (int element : elements) {
        channel.trySend(element);
      }
      assertEquals(Math.min(elements.length, channel.capacity()), channel.size());
      return this;
    }

    /** Fails unless the counts add up. */
    void addsUp() {
      ChannelStats s = channel.stats();
      assertEquals(s.sent(), s.received() + s.undelivered() + s.size(), s::toString);
      assertEquals(left.size(), s.undelivered(), s::toString);
    }
  }

  static Subject subject(int capacity) {
    return subject(capacity, Overflow.BLOCK);
  }

  static Subject subject(int capacity, Overflow overflow) {
    var life = new Life();
    List<Integer> left = Collections.synchronizedList(new ArrayList<>());
    ChannelSpec<Integer> spec =
        ChannelSpec.<Integer>of(capacity).overflow(overflow).onUndelivered(left::add);
    return new Subject(
        Channel.open(life, spec.named("subject")),
        life,
        left,
        new IllegalArgumentException("cause"));
  }

  static Channel<Integer> open(int capacity) {
    return Channel.open(new Life(), ChannelSpec.of(capacity));
  }

  /** A full channel: it holds 1 to n. */
  static Subject full(int capacity) {
    Subject full = subject(capacity);
    for (int i = 1; i <= capacity; i++) {
      full.channel.trySend(i);
    }
    assertEquals(capacity, full.channel.size());
    return full;
  }

  /** Throws any exception without declaring it. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  static <X extends Throwable> X sneaky(Throwable thrown) throws X {
    throw (X) thrown;
  }

  /** Receives all elements there are now. */
  static List<Integer> rest(Channel<Integer> channel) {
    var rest = new ArrayList<Integer>();
    for (Integer element; (element = channel.tryReceive()) != null; ) {
      rest.add(element);
    }
    return rest;
  }

  /** Fails unless the call throws that the channel is closed, or has failed with this cause. */
  static ChannelClosedException ended(Throwable cause, Executable call) {
    return ended(cause, assertThrows(ChannelClosedException.class, call));
  }

  /** Fails unless this says that the channel is closed, or has failed with this cause. */
  static ChannelClosedException ended(Throwable cause, Throwable thrown) {
    assertNotNull(thrown, "nothing was thrown");
    assertSame(ChannelClosedException.class, thrown.getClass(), thrown::toString);
    assertSame(cause, thrown.getCause());
    return (ChannelClosedException) thrown;
  }
}
