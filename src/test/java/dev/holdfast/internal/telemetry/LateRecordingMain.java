package dev.holdfast.internal.telemetry;

import dev.holdfast.Guard;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** A program that starts a recording after it has used Holdfast. */
final class LateRecordingMain {

  private LateRecordingMain() {}

  public static void main(String[] args) throws Exception {
    useEverything();
    System.out.println("begins to record");
    Path file = Files.createTempFile("late", ".jfr");
    try (var recording = new Recording()) {
      recording.start();
      Scopes.named("late").run(scope -> scope.fork(() -> 42).join());
      recording.stop();
      recording.dump(file);
    }
    for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
      if (event.getEventType().getName().equals("dev.holdfast.Scope")) {
        System.out.println("recorded: " + event.getString("name"));
      }
    }
    Files.delete(file);
  }

  private static void useEverything() throws Exception {
    Scopes.run(scope -> {
      Channel<Integer> channel = scope.channel(0);
      scope.fork(() -> {
        channel.send(42);
        return null;
      });
      channel.receive();
      Guard.named("door").maxConcurrent(1).call(inside -> 42);
    });
    try {
      Scopes.timeout(Duration.ofMillis(1))
          .run(scope ->
              scope
                  .fork(() -> {
                    Thread.sleep(100_000);
                    return 0;
                  })
                  .join());
    } catch (ScopeTimeoutException expected) {
      return;
    }
    throw new AssertionError("no timeout");
  }
}
