package dev.holdfast.inspect;

import dev.holdfast.internal.util.Printable;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Writes snapshots as text. */
final class SnapshotText {

  private SnapshotText() {}

  static String of(Snapshot live) {
    var text = new StringBuilder();
    append(live, "", "", text);
    return text.toString();
  }

  private static void append(Snapshot live, String first, String rest, StringBuilder text) {
    if (!text.isEmpty()) {
      text.append('\n');
    }
    text.append(first).append(line(live));
    List<Snapshot> inside = live.inside();
    for (int i = 0; i < inside.size(); i++) {
      boolean last = i == inside.size() - 1;
      append(inside.get(i), rest + (last ? "└─ " : "├─ "), rest + (last ? "   " : "│  "), text);
    }
  }

  /** {@return one line for a scope or task, without its contents} */
  static String line(Snapshot live) {
    var line = new StringBuilder();
    line.append(live.kind().word).append(" '").append(live.name()).append("', ");
    line.append(time(live.age()));
    if (live.state() != Snapshot.State.RUNNING) {
      line.append(", ").append(live.state().name().toLowerCase(Locale.ROOT));
    }
    if (live.cancelled() != null) {
      line.append(", cancelled: ").append(live.cancelled().lines().findFirst().orElse(""));
    }
    if (live.waitsFor() != null) {
      line.append(", ").append(live.waitsFor());
    }
    if (!live.resources().isEmpty()) {
      line.append(", will close ").append(String.join(", ", live.resources()));
    }
    if (live.timers() > 0) {
      line.append(", ").append(live.timers()).append(live.timers() == 1 ? " timer" : " timers");
    }
    if (!live.forkedAt().isEmpty()) {
      line.append(", forked at ").append(live.forkedAt().getFirst());
    }
    return Printable.of(line.toString());
  }

  /** {@return a time in milliseconds, seconds or minutes} */
  static String time(Duration time) {
    long millis = time.toMillis();
    if (millis < 1_000) {
      return millis + " ms";
    }
    if (millis < 60_000) {
      long tenths = (millis + 50) / 100;
      return tenths / 10 + "." + tenths % 10 + " s";
    }
    return millis / 60_000 + " min " + millis / 1_000 % 60 + " s";
  }
}
