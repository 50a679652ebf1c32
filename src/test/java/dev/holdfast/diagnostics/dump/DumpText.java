package dev.holdfast.diagnostics.dump;

import dev.holdfast.diagnostics.DumpedThread;
import dev.holdfast.diagnostics.dump.data.DumpData;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes thread dumps in the three versions of JSON that JVMs write. */
public enum DumpText {
  JDK_21,
  JDK_25,
  JDK_27;

  public String write(DumpData dump) {
    String containers =
        dump.containers().stream().map(this::container).collect(Collectors.joining(",\n"));
    return """
    {
      "threadDump": {%s
        "processId": %s,
        "time": "%s",
        "runtimeVersion": %s,
        "threadContainers": [
    %s
        ]
      }
    }
    """
        .formatted(
            this == JDK_27 ? "\n    \"formatVersion\": 2," : "",
            number(dump.pid()),
            dump.time(),
            quoted(dump.runtimeVersion()),
            containers);
  }

  private String number(@Nullable Long number) {
    return number == null ? "null" : this == JDK_27 ? number.toString() : "\"" + number + "\"";
  }

  private static String quoted(@Nullable String text) {
    if (text == null) {
      return "null";
    }
    var quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '/' -> quoted.append("\\/");
        case '\n' -> quoted.append("\\n");
        case '\t' -> quoted.append("\\t");
        default -> quoted.append(c < ' ' ? "\\u%04X".formatted((int) c) : Character.toString(c));
      }
    }
    return quoted.append('"').toString();
  }

  private String container(DumpData.Container container) {
    return """
    {
      "container": %s,
      "parent": %s,
      "owner": %s,
      "threads": [%s],
      "threadCount": %s
    }\
    """
        .formatted(
            quoted(container.name()),
            quoted(container.parent()),
            number(container.owner()),
            container.threads().stream().map(this::thread).collect(Collectors.joining(",")),
            number((long) container.threads().size()));
  }

  private String thread(DumpedThread thread) {
    var text = new StringBuilder("\n  {\"tid\": " + number(thread.id()));
    if (this != JDK_21) {
      text.append(", \"time\": \"2026-11-21T12:11:50Z\"");
      if (thread.virtual()) {
        text.append(", \"virtual\": true");
      }
    }
    text.append(", \"name\": ").append(quoted(thread.name()));
    if (this != JDK_21) {
      text.append(blocked(thread));
    }
    text.append(", \"stack\": [")
        .append(thread.stack().stream().map(f -> quoted(f.toString())).collect(joining()))
        .append("]");
    if (this != JDK_21) {
      List<String> owned = thread.monitorsOwned();
      if (!owned.isEmpty()) { // as if they were entered in the same frame
        text.append(", \"monitorsOwned\": [{\"depth\": 1, \"locks\": [")
            .append(owned.stream().map(DumpText::quoted).collect(joining()))
            .append(", null]}]");
      }
      if (thread.carrier() != null) {
        text.append(", \"carrier\": ").append(number(thread.carrier()));
      }
    }
    return text.append("}").toString();
  }

  private String blocked(DumpedThread thread) {
    var text = new StringBuilder();
    if (thread.state() != null) {
      text.append(", \"state\": \"").append(thread.state()).append('"');
    }
    if (thread.blockedOn() != null) {
      text.append(", \"blockedOn\": ").append(quoted(thread.blockedOn()));
    }
    if (thread.waitingOn() != null) {
      text.append(", \"waitingOn\": ").append(quoted(thread.waitingOn()));
    }
    if (thread.parkBlocker() != null) {
      text.append(", \"parkBlocker\": {\"object\": ").append(quoted(thread.parkBlocker()));
      if (thread.parkBlockerOwner() != null) {
        text.append(", \"owner\": ").append(number(thread.parkBlockerOwner()));
      }
      text.append("}");
    }
    return text.toString();
  }

  private static java.util.stream.Collector<CharSequence, ?, String> joining() {
    return Collectors.joining(", ");
  }
}
