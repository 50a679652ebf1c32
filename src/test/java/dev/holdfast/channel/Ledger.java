package dev.holdfast.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.channel.QueueEnds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The channels of one round and what became of every element: each sent element was received once
 * or undelivered once, and no other was.
 */
final class Ledger {

  /** The kinds of sends and receives. */
  enum Form {
    PLAIN,
    TIMED,
    TRY,
    SELECT,
    /** For receivers; others use a plain receive. */
    DRAIN
  }

  /** An element. It is counted after the round. */
  static final class Item {
    final int sender;
    final int number;
    int sent;
    int arrived;

    Item(int sender, int number) {
      this.sender = sender;
      this.number = number;
    }

    @Override
    public String toString() {
      return sender + "." + number;
    }
  }

  /** The record of one member. */
  private static final class Page {
    final List<Item> sent = new ArrayList<>();
    final List<Item> received = new ArrayList<>();
    int numbers;
    int taken;
  }

  final RuntimeException cause = new RuntimeException("the cause");

  final List<RingChannel<Item>> channels = new ArrayList<>();
  private final List<Runnable> ends = new ArrayList<>();
  private final Page[] pages = new Page[16];
  private final Queue<Item> undelivered = new ConcurrentLinkedQueue<>();
  private final AtomicInteger sending = new AtomicInteger();
  private final Form[] forms;

  Ledger(Crew crew, Form... forms) {
    this.forms = forms;
    crew.state = this;
    for (int i = 0; i < pages.length; i++) {
      pages[i] = new Page();
    }
  }

  /** Opens a channel whose threads park at once or spin first. */
  RingChannel<Item> open(SplittableRandom random, int capacity, Overflow overflow) {
    var spec = ChannelSpec.<Item>of(capacity).overflow(overflow).onUndelivered(undelivered::add);
    var channel = (RingChannel<Item>) Channel.open(ends::add, spec);
    QueueEnds.spin(channel, random.nextBoolean(), random.nextBoolean());
    channels.add(channel);
    return channel;
  }

  void end(int channel) {
    ends.get(channel).run();
  }

  /** A member that sends; the last to finish closes the channels. */
  Crew.Move sends(int items) {
    sending.incrementAndGet();
    return self -> {
      while (pages[self.index].numbers < items
          && !channels.stream().allMatch(RingChannel::isClosed)) {
        self.spin();
        send(self);
      }
      if (sending.decrementAndGet() == 0) {
        channels.forEach(Channel::close);
      }
    };
  }

  /** A member that receives until there are no senders and no elements. */
  Crew.Move receives() {
    return self -> {
      while (channels.stream().anyMatch(channel -> !channel.isClosed() || channel.size() > 0)) {
        self.spin();
        receive(self);
      }
    };
  }

  /** A member that interrupts others while there are senders. */
  Crew.Move interrupts(Crew crew, int among) {
    return self -> {
      while (sending.get() > 0) {
        crew.member(self.random.nextInt(among)).interrupt();
        for (int i = self.random.nextInt(4); i >= 0; i--) {
          self.spin();
        }
      }
    };
  }

  /** A member that checks the counts while there are senders. */
  Crew.Move watches() {
    return self -> {
      while (sending.get() > 0) {
        RingChannel<Item> channel = any(self);
        int size = channel.size();
        assertTrue(size >= 0 && size <= channel.capacity(), () -> "size " + size);
        assertSound(channel);
        self.spin();
      }
    };
  }

  static void assertSound(RingChannel<?> channel) {
    ChannelStats stats = channel.stats();
    int size = stats.size();
    assertTrue(
        size >= 0 && size <= stats.peak() && stats.peak() <= channel.capacity(), stats::toString);
    assertEquals(stats.received() + stats.undelivered() + size, stats.sent(), stats::toString);
    assertTrue(stats.waitingReceivers() == 0 || size == 0, stats::toString);
    assertTrue(stats.waitingSenders() == 0 || size == channel.capacity(), stats::toString);
  }

  private RingChannel<Item> any(Crew.Member self) {
    return channels.get(self.random.nextInt(channels.size()));
  }

  private Form form(Crew.Member self) {
    return forms[self.random.nextInt(forms.length)];
  }

  private static Duration briefly(Crew.Member self) {
    return Duration.ofNanos(self.random.nextInt(self.random.nextBoolean() ? 100_000 : 5_000));
  }

  /** Tries to send one element, or at most one of two. */
  void send(Crew.Member self) {
    Page page = pages[self.index];
    Channel<Item> channel = any(self);
    Form form = form(self);
    if (form == Form.SELECT) {
      select(self, true, self.random.nextInt(4) == 0);
      return;
    }
    var item = new Item(self.index, page.numbers++);
    try {
      boolean sent =
          switch (form) {
            case TIMED -> channel.send(item, briefly(self));
            case TRY -> channel.trySend(item);
            default -> {
              channel.send(item);
              yield true;
            }
          };
      if (sent) {
        page.sent.add(item);
      }
    } catch (InterruptedException e) {
      self.interruptSeen = true;
    } catch (ChannelClosedException e) {
      assertTrue(channel.isClosed());
    }
  }

  /** Tries to receive one element or several. */
  void receive(Crew.Member self) {
    List<Item> received = pages[self.index].received;
    Channel<Item> channel = any(self);
    Form form = form(self);
    if (form == Form.PLAIN && channels.size() > 1) {
      form =
          Form.TIMED; // otherwise all receivers may wait at one channel and all senders at another
    }
    try {
      Item item =
          switch (form) {
            case SELECT -> {
              select(self, self.random.nextInt(4) == 0, true);
              yield null;
            }
            case DRAIN -> {
              channel.drainTo(received, self.random.nextInt(6));
              yield null;
            }
            case TIMED -> channel.receive(briefly(self));
            case TRY -> channel.tryReceive();
            case PLAIN -> self.random.nextBoolean() ? channel.receive() : channel.receiveOrNull();
          };
      if (item != null) {
        received.add(item);
      }
    } catch (InterruptedException e) {
      self.interruptSeen = true;
    } catch (ChannelClosedException e) {
      assertTrue(channel.isClosed());
      assertTrue(e.getCause() == null || e.getCause() == cause);
    }
  }

  /** Selects among operations on every channel, in any order. */
  private void select(Crew.Member self, boolean sends, boolean receives) {
    Page page = pages[self.index];
    var clauses = new ArrayList<Clause<Object>>();
    for (RingChannel<Item> channel : channels) {
      if (sends) {
        var item = new Item(self.index, page.numbers++);
        clauses.add(channel.onSend(item, () -> taken(page, page.sent, item)));
      }
      if (receives) {
        clauses.add(channel.onReceive(item -> taken(page, page.received, item)));
      }
    }
    for (int i = clauses.size(); i > 1; i--) {
      clauses.add(clauses.remove(self.random.nextInt(i)));
    }
    Object rest = new Object();
    switch (self.random.nextInt(4)) {
      case 0 -> clauses.add(Select.orElse(() -> rest));
      case 1 -> clauses.add(Select.timeout(briefly(self), () -> rest));
      default -> {}
    }
    Select<Object> select = self.random.nextBoolean() ? Select.of(clauses) : Select.first(clauses);
    int before = page.taken;
    try {
      Object value = select.await();
      assertEquals(value == rest ? 0 : 1, page.taken - before, "clauses taken");
      assertTrue(value == rest || value == page);
    } catch (InterruptedException e) {
      assertEquals(before, page.taken, "an interrupted select took a clause");
      self.interruptSeen = true;
    } catch (ChannelClosedException e) {
      assertEquals(before, page.taken, "a select took a clause, and threw");
      assertTrue(channels.stream().anyMatch(RingChannel::isClosed));
    }
  }

  private static Object taken(Page page, List<Item> where, Item item) {
    where.add(item);
    page.taken++;
    return page;
  }

  /** Compares sent elements with received and undelivered ones after the round. */
  void check() {
    for (int i = 0; i < channels.size(); i++) {
      assertSound(channels.get(i));
      assertEquals(0, channels.get(i).stats().waitingSenders(), "senders left behind");
      assertEquals(0, channels.get(i).stats().waitingReceivers(), "receivers left behind");
      end(i);
      assertSound(channels.get(i));
    }
    long sent = 0;
    long received = 0;
    for (Page page : pages) {
      sent += page.sent.size();
      received += page.received.size();
      page.sent.forEach(item -> item.sent++);
      page.received.forEach(item -> item.arrived++);
    }
    undelivered.forEach(item -> item.arrived++);
    for (Page page : pages) {
      page.sent.forEach(Ledger::check);
      page.received.forEach(Ledger::check);
      if (channels.size() == 1) {
        checkOrder(page.received);
      }
    }
    undelivered.forEach(Ledger::check);
    assertEquals(sent, channels.stream().mapToLong(c -> c.stats().sent()).sum());
    assertEquals(received, channels.stream().mapToLong(c -> c.stats().received()).sum());
    assertEquals(
        undelivered.size(), channels.stream().mapToLong(c -> c.stats().undelivered()).sum());
  }

  private static void check(Item item) {
    assertEquals(1, item.sent, () -> item + " came though its send did not happen");
    assertEquals(1, item.arrived, () -> item + " was sent once, but came so often");
  }

  private static void checkOrder(List<Item> received) {
    Map<Integer, Integer> last = new HashMap<>();
    for (Item item : received) {
      Integer before = last.put(item.sender, item.number);
      assertTrue(before == null || before < item.number, () -> item + " is late in " + received);
    }
  }

  /** {@return the channels; takes no lock, which may be the one that hangs} */
  @Override
  public String toString() {
    var all = new StringBuilder();
    for (RingChannel<Item> channel : channels) {
      all.append(channel)
          .append(" of ")
          .append(channel.spec)
          .append(", waiting: ")
          .append(QueueEnds.waiters(channel))
          .append("; ");
    }
    return all.toString();
  }
}
