package dev.holdfast.internal.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Action;
import dev.holdfast.Fork;
import dev.holdfast.ForkFailedException;
import dev.holdfast.Guard;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.ChildProcess;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import dev.holdfast.testing.Warnings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a flight recording shows.
 *
 * <p>Tests {@code BlockedEvent}, {@code FlightEvents} and {@code ScopeCounters} as well.
 */
@LeavesNothing
class JfrEventsTest {

  @RegisterExtension final Warnings warnings = new Warnings();

  @TempDir Path directory;

  private List<RecordedEvent> record(Action what) throws Exception {
    Path file = directory.resolve("flight.jfr");
    try (var recording = new Recording()) {
      recording.start();
      what.run();
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> all = RecordingFile.readAllEvents(file);
    Files.delete(file);
    return all.stream()
        .filter(e -> e.getEventType().getName().startsWith("dev.holdfast."))
        .toList();
  }

  private static RecordedEvent only(List<RecordedEvent> events, String type, String name) {
    List<RecordedEvent> found = all(events, type, name);
    assertEquals(1, found.size(), () -> type + " of " + name + " in " + events);
    return found.getFirst();
  }

  /** {@return the events of a type and a name, at least one, in their order} */
  private static List<RecordedEvent> all(List<RecordedEvent> events, String type, String name) {
    List<RecordedEvent> found =
        events.stream()
            .filter(e -> e.getEventType().getName().equals("dev.holdfast." + type))
            .filter(e -> e.getFields().stream().anyMatch(f -> name.equals(value(e, f.getName()))))
            .sorted(Comparator.comparing(RecordedEvent::getStartTime))
            .toList();
    assertFalse(found.isEmpty(), () -> type + " of " + name + " in " + events);
    return found;
  }

  private static String value(RecordedEvent event, String field) {
    return event.getValue(field) instanceof String text ? text : "";
  }

  @Test
  void scopes_and_tasks_with_their_durations() throws Exception {
    List<RecordedEvent> events =
        record(() ->
            Scopes.named("flown")
                .run(scope -> {
                  Fork<Integer> good =
                      scope.fork(
                          "good",
                          () -> {
                            Thread.sleep(5);
                            return 1;
                          });
                  good.join();
                  var begun = new CountDownLatch(1);
                  Fork<?> cut =
                      scope.fork(
                          "cut",
                          () -> {
                            begun.countDown();
                            return Blocked.forever();
                          });
                  begun.await();
                  cut.cancel();
                }));
    RecordedEvent scope = only(events, "Scope", "flown");
    assertEquals("completed", scope.getString("outcome"));
    assertEquals(2, scope.getInt("tasks"));
    RecordedEvent good = only(events, "Task", "good");
    assertEquals("SUCCESS", good.getString("outcome"));
    assertEquals("flown", good.getString("scope"));
    assertTrue(good.getDuration().toMillis() >= 5, good::toString);
    assertTrue(scope.getDuration().compareTo(good.getDuration()) >= 0, scope::toString);
    assertEquals("CANCELLED", only(events, "Task", "cut").getString("outcome"));
  }

  @Test
  void failures_and_timeouts() throws Exception {
    List<RecordedEvent> events =
        record(() -> {
          try {
            Scopes.named("late").timeout(Duration.ofMillis(10)).run(scope -> Blocked.forever());
          } catch (ScopeTimeoutException e) {
            // recorded
          }
          try {
            Scopes.named("bad")
                .run(scope ->
                    scope.fork(
                        "fails",
                        () -> {
                          throw new IllegalStateException("marker");
                        }));
          } catch (ForkFailedException e) {
            // recorded
          }
        });
    assertEquals(10, only(events, "Timeout", "late").getDuration("timeout").toMillis());
    RecordedEvent late = only(events, "Scope", "late");
    assertEquals("deadline", late.getString("outcome"));
    assertTrue(late.getString("reason").contains("deadline passed"), late::toString);
    RecordedEvent bad = only(events, "Scope", "bad");
    assertEquals("failed", bad.getString("outcome"));
    assertTrue(bad.getString("reason").contains("marker"), bad::toString);
    RecordedEvent timeout = only(events, "Timeout", "late");
    assertEquals(late.getLong("scopeId"), timeout.getLong("scopeId"));
    assertEquals("FAILED", only(events, "Task", "fails").getString("outcome"));
  }

  @Test
  void waits_that_are_long() throws Exception {
    List<RecordedEvent> events =
        record(() ->
            Scopes.named("waits")
                .run(scope -> {
                  Channel<String> lines = scope.channel(ChannelSpec.<String>of(0).named("lines"));
                  var receiving = new CompletableFuture<Thread>();
                  Fork<String> reader =
                      scope.fork(
                          "reader",
                          () -> {
                            receiving.complete(Thread.currentThread());
                            return lines.receive();
                          });
                  var joining = new CompletableFuture<Thread>();
                  scope.fork(
                      "joins",
                      () -> {
                        joining.complete(Thread.currentThread());
                        return reader.join();
                      });
                  Poll.until(() -> lines.stats().waitingReceivers() == 1);
                  Poll.untilBlocked(receiving.get());
                  Poll.untilIn(joining.get(), "join");
                  Poll.untilBlocked(joining.get());
                  Thread.sleep(40);
                  lines.send("x");
                }));
    RecordedEvent atChannel =
        events.stream()
            .filter(e -> e.getEventType().getName().equals("dev.holdfast.ChannelBlocked"))
            .findFirst()
            .orElseThrow();
    assertEquals("RECEIVE", atChannel.getString("operation"));
    assertEquals(only(events, "Scope", "waits").getLong("scopeId"), atChannel.getLong("scopeId"));
    assertTrue(atChannel.getString("at").contains("JfrEventsTest.lambda$"), atChannel::toString);
    assertTrue(atChannel.getString("channel").contains("'lines'"), atChannel::toString);
    assertTrue(atChannel.getDuration().toMillis() >= 20, atChannel::toString);
    RecordedEvent joins = all(events, "TaskBlocked", "Task 'joins'").getFirst();
    assertTrue(joins.getString("on").contains("'reader'"), joins::toString);
    assertFalse(joins.getStackTrace().getFrames().isEmpty());
  }

  @Test
  void the_outcome_of_a_scope_is_one_of_a_few_words() throws Exception {
    List<RecordedEvent> events =
        record(() -> {
          Scopes.named("told")
              .run(scope -> {
                var inside = new CountDownLatch(1);
                scope.fork(() ->
                    Scopes.named("below")
                        .run(inner -> {
                          inside.countDown();
                          Blocked.forever();
                        }));
                inside.await();
                scope.cancel("free text");
              });
          assertThrows(
              IllegalStateException.class,
              () ->
                  Scopes.named("thrown")
                      .run(scope -> {
                        throw new IllegalStateException();
                      }));
          assertThrows(
              InterruptedException.class,
              () ->
                  Scopes.named("cut")
                      .run(scope -> {
                        Thread.currentThread().interrupt();
                        scope.fork(Blocked::forever).join();
                      }));
        });
    assertEquals("cancelled", only(events, "Scope", "told").getString("outcome"));
    assertEquals("parent", only(events, "Scope", "below").getString("outcome"));
    assertEquals("failed", only(events, "Scope", "thrown").getString("outcome"));
    assertEquals("interrupted", only(events, "Scope", "cut").getString("outcome"));
  }

  @Test
  void every_event_has_its_scope_and_the_enclosing_one() throws Exception {
    List<RecordedEvent> events =
        record(() ->
            Scopes.named("outer")
                .run(scope ->
                    scope.fork(
                        "task",
                        () -> {
                          Scopes.named("inner")
                              .run(inner -> {
                                Fork<?> sleeper = inner.fork("sleeper", () -> Thread.sleep(40));
                                sleeper.join();
                              });
                          return Guard.named("shut").maxConcurrent(1).skipping().run(a -> {});
                        })));
    RecordedEvent outer = only(events, "Scope", "outer");
    RecordedEvent inner = only(events, "Scope", "inner");
    long id = outer.getLong("scopeId");
    assertTrue(id > 0);
    assertEquals(0, outer.getLong("parentId"));
    assertNotEquals(id, inner.getLong("scopeId"));
    assertEquals(id, inner.getLong("parentId"));
    assertEquals(id, only(events, "Task", "task").getLong("scopeId"));
    assertEquals(inner.getLong("scopeId"), only(events, "Task", "sleeper").getLong("scopeId"));
    assertEquals(id, only(events, "Task", "sleeper").getLong("parentId"));
    // The wait for the end of a thread is another event if the machine is busy.
    RecordedEvent joins = all(events, "TaskBlocked", "Scope 'inner'").getFirst();
    assertEquals(inner.getLong("scopeId"), joins.getLong("scopeId"));
    for (RecordedEvent event : events) {
      assertTrue(event.hasField("scopeId") && event.hasField("parentId"), event::toString);
    }
    for (RecordedEvent event : List.of(outer, inner, joins)) {
      String at = event.getString("at");
      assertTrue(at.contains(JfrEventsTest.class.getName() + ".lambda$"), event::toString);
    }
  }

  @Test
  void refusals_and_reports() throws Exception {
    var go = new CountDownLatch(1);
    List<RecordedEvent> events =
        record(() -> {
          Guard guard = Guard.named("door").maxConcurrent(1).skipping();
          guard.run(scope -> guard.run(inside -> {}));
          var owner =
              OnThread.run(() ->
                  Scopes.named("holds")
                      .run(scope -> {
                        var up = new CountDownLatch(1);
                        scope.fork(
                            "stuck",
                            () -> {
                              up.countDown();
                              LawFixtures.awaitUninterruptibly(go);
                            });
                        up.await();
                        scope.cancel("enough");
                      }));
          try {
            warnings.awaitNaming("stuck", "awaitUninterruptibly");
          } finally {
            go.countDown();
          }
          owner.end();
        });
    assertEquals(1, only(events, "GuardRejected", "door").getInt("inside"));
    RecordedEvent stuck = only(events, "TaskStuck", "STUCK");
    assertEquals("holds", stuck.getString("scope"));
    assertEquals(only(events, "Scope", "holds").getLong("scopeId"), stuck.getLong("scopeId"));
    assertEquals("stuck", stuck.getString("tasks"));
    assertTrue(stuck.getString("text").contains("awaitUninterruptibly"), stuck::toString);
  }

  /** The recorder takes longer to initialize than all of Holdfast. */
  @Test
  @Timeout(150)
  void the_recorder_is_not_initialized_before_a_recording_is_started() throws Exception {
    String output =
        ChildProcess.java(
                ChildProcess.PLENTY, "-Xlog:class+load", LateRecordingMain.class.getName())
            .succeeded();
    List<String> lines = output.lines().toList();
    int begun = lines.indexOf("begins to record");
    assertTrue(begun > 0, output);
    List<String> before =
        lines.subList(0, begun).stream().filter(line -> line.contains("FlightEvents")).toList();
    assertEquals(List.of(), before);
    assertTrue(lines.contains("recorded: late"), output);
  }

  /** An image that was linked without the recorder, and the class path. */
  @Test
  @Timeout(150)
  void works_without_the_recorder() throws Exception {
    var ended =
        ChildProcess.java(
            ChildProcess.PLENTY, "--limit-modules", "java.base", NoRecorderMain.class.getName());
    assertEquals("42", ended.succeeded().strip());
  }
}
