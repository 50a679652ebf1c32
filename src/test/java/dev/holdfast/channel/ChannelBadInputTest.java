package dev.holdfast.channel;

import static dev.holdfast.channel.ChannelFixtures.open;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

@LeavesNoThread
class ChannelBadInputTest {

  private static final ChannelSpec<Integer> SPEC = ChannelSpec.of(3);

  private final Channel<Integer> channel = open(3);
  private final Clause<Integer> clause = channel.onReceive(element -> element);

  private static void refused(Class<? extends Exception> type, String says, Executable call) {
    var thrown = assertThrows(type, call);
    assertEquals(type, thrown.getClass());
    String message = thrown.getMessage();
    assertNotNull(message, type + " without a message for " + says);
    assertTrue(message.contains(says), "'" + says + "' in: " + message);
  }

  private static void isNull(String argument, Executable call) {
    refused(NullPointerException.class, argument, call);
  }

  private static void isIllegal(String says, Executable call) {
    refused(IllegalArgumentException.class, says, call);
  }

  @Test
  void capacities() {
    for (int bad : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, (1 << 30) + 1}) {
      isIllegal("capacity must be from 0", () -> ChannelSpec.of(bad));
      isIllegal(String.valueOf(bad), () -> ChannelSpec.of(bad));
    }
    assertEquals(1 << 30, ChannelSpec.MAX_CAPACITY);
  }

  @Test
  void specs() {
    isNull("overflow", () -> SPEC.overflow(null));
    isNull("onUndelivered", () -> SPEC.onUndelivered(null));
    isNull("name", () -> SPEC.named(null));
    for (String blank : List.of("", " ", "\t\n")) {
      isIllegal("name must not be blank", () -> SPEC.named(blank));
    }
  }

  @Test
  void a_spec_is_immutable() {
    String before = SPEC.toString();
    assertNotNull(SPEC.overflow(Overflow.DROP_OLDEST).named("other").onUndelivered(e -> {}));
    assertEquals(before, SPEC.toString());
    String other = SPEC.overflow(Overflow.DROP_OLDEST).named("other").toString();
    for (String part : List.of("3", "DROP_OLDEST", "other")) {
      assertTrue(other.contains(part), other);
    }
  }

  @Test
  void opening() {
    isNull("owner", () -> Channel.open(null, SPEC));
    isNull("spec", () -> Channel.open(new Life(), (ChannelSpec<Integer>) null));
  }

  @Test
  void a_refused_channel_is_not_registered_with_its_owner() {
    var life = new Life();
    assertThrows(NullPointerException.class, () -> Channel.open(life, (ChannelSpec<Integer>) null));
    assertEquals(List.of(), life.ends());
  }

  @Test
  void sending() {
    isNull("element", () -> channel.send(null));
    isNull("element", () -> channel.trySend(null));
    isNull("element", () -> channel.send(null, Duration.ZERO));
    isNull("timeout", () -> channel.send(1, null));
    isNull("element", () -> channel.onSend(null, () -> 1));
    isNull("then", () -> channel.onSend(1, (Supplier<Integer>) null));
    isNull("cause", () -> channel.fail(null));
    hasDoneNothing();
  }

  @Test
  void sending_without_having_to_wait() {
    channel.trySend(1); // the first element of a channel takes another path
    channel.tryReceive();
    isNull("timeout", () -> channel.send(2, null));
    assertEquals(1, channel.stats().sent());
  }

  @Test
  void receiving() {
    channel.trySend(1);
    isNull("timeout", () -> channel.receive(null));
    isNull("handler", () -> channel.forEach((Handler<Integer, RuntimeException>) null));
    isNull("into", () -> channel.drainTo((Collection<Integer>) null, 1));
    isNull("then", () -> channel.onReceive((Function<Integer, Integer>) null));
    isNull("then", () -> channel.onReceiveOrNull((Function<Integer, Integer>) null));
    isIllegal("max", () -> channel.drainTo(new ArrayList<>(), -1));
    isIllegal("-7", () -> channel.drainTo(new ArrayList<>(), -7));
    assertEquals(1, channel.tryReceive());
    assertEquals(1, channel.stats().received());
  }

  @Test
  void a_full_channel_refuses_null_too() {
    Channel<Integer> full = ChannelFixtures.full(2).channel();
    isNull("element", () -> full.send(null));
    isNull("element", () -> full.trySend(null));
    assertEquals(List.of(1, 2), ChannelFixtures.rest(full));
  }

  @Test
  void selects() {
    isNull("timeout", () -> Select.timeout(null, () -> 1));
    isNull("then", () -> Select.timeout(Duration.ZERO, (Supplier<Integer>) null));
    isNull("then", () -> Select.orElse((Supplier<Integer>) null));
    isNull("clause", () -> Select.of((List<Clause<Integer>>) null));
    isNull("clause", () -> Select.first((List<Clause<Integer>>) null));
    isNull("clause", () -> Select.of(Arrays.asList(clause, null)));
    isNull("clause", () -> Select.first(Arrays.asList(null, clause)));
    isNull("clause", () -> Select.of(clause, null));
    isNull("clause", () -> Select.first(null, clause));
  }

  @Test
  void selects_without_a_channel() {
    Clause<Integer> timeout = Select.timeout(Duration.ofSeconds(1), () -> 1);
    Clause<Integer> orElse = Select.orElse(() -> 1);
    List<List<Clause<Integer>>> none = List.of(List.of(), List.of(timeout), List.of(orElse));
    for (List<Clause<Integer>> clauses : none) {
      isIllegal("clause", () -> Select.of(clauses));
      isIllegal("clause", () -> Select.first(clauses));
    }
    isIllegal("clause", () -> Select.<Integer>of());
    isIllegal("clause", () -> Select.<Integer>first());
  }

  @Test
  void a_select_refuses_a_second_timeout_or_or_else() {
    Clause<Integer> timeout = Select.timeout(Duration.ofSeconds(1), () -> 1);
    Clause<Integer> another = Select.timeout(Duration.ofSeconds(2), () -> 1);
    Clause<Integer> orElse = Select.orElse(() -> 1);
    isIllegal("timeout", () -> Select.of(clause, timeout, another));
    isIllegal("timeout", () -> Select.first(timeout, clause, timeout));
    isIllegal("orElse", () -> Select.of(clause, orElse, orElse));
    isIllegal("orElse", () -> Select.first(List.of(orElse, clause, Select.orElse(() -> 2))));
    isIllegal("orElse", () -> Select.of(clause, timeout, orElse));
    isIllegal("orElse", () -> Select.first(orElse, clause, timeout));
  }

  private void hasDoneNothing() {
    assertEquals(new ChannelStats(0, 0, 0, 0, 0, 0, 0), channel.stats());
  }
}
