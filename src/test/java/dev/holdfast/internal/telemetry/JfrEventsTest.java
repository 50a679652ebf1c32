package dev.holdfast.internal.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import dev.holdfast.testing.ClassPath;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import dev.holdfast.testing.Warnings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a flight recording shows.
 *
 * <p>Tests {@code FlightEvents} as well.
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
    List<RecordedEvent> found =
        events.stream()
            .filter(e -> e.getEventType().getName().equals("dev.holdfast." + type))
            .filter(e -> e.getFields().stream().anyMatch(f -> name.equals(value(e, f.getName()))))
            .toList();
    assertEquals(1, found.size(), () -> type + " of " + name + " in " + events);
    return found.getFirst();
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
                            return Blocked.forEver();
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
            Scopes.named("late").timeout(Duration.ofMillis(10)).run(scope -> Blocked.forEver());
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
    assertTrue(only(events, "Scope", "late").getString("outcome").contains("deadline"));
    assertTrue(only(events, "Scope", "bad").getString("outcome").contains("marker"));
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
    assertTrue(atChannel.getString("channel").contains("'lines'"), atChannel::toString);
    assertTrue(atChannel.getDuration().toMillis() >= 20, atChannel::toString);
    RecordedEvent joins = only(events, "TaskBlocked", "Task 'joins'");
    assertTrue(joins.getString("on").contains("'reader'"), joins::toString);
    assertFalse(joins.getStackTrace().getFrames().isEmpty());
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
    assertEquals("stuck", stuck.getString("tasks"));
    assertTrue(stuck.getString("text").contains("awaitUninterruptibly"), stuck::toString);
  }

  /** An image that was linked without the recorder, and the class path. */
  @Test
  void works_without_the_recorder() throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    String classes = ClassPath.ofTests();
    Process process =
        new ProcessBuilder(
                java.toString(),
                "--limit-modules",
                "java.base",
                "-cp",
                classes,
                NoRecorderMain.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    assertEquals("42", output.strip());
  }
}
