package dev.holdfast.diagnostics.dump;

import dev.holdfast.diagnostics.json.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/** What logs, log servers, build servers and people do to the text of a dump. */
final class LogWrappers {

  private static final String TIME = "2026-11-26T18:05:37.314944879Z";
  static final Map<String, Function<String, byte[]>> ALL = new LinkedHashMap<>();

  static {
    lines("cri", line -> TIME + " stdout F " + line);
    lines("cri, split", line -> split(line, "\n" + TIME + " stdout F ", TIME + " stdout P "));
    lines("docker", line -> json("log", line + "\n", "stream", "stdout"));
    lines("docker, split", LogWrappers::dockerSplit);
    lines("docker, with JSON in it", line -> json("log", json("message", line) + "\n"));
    lines("cri, with JSON in it", line -> TIME + " stdout F " + json("level", 1, "message", line));
    lines("journald", line -> json("_PID", "1", "MESSAGE", line));
    lines("journald, bytes", line -> json("MESSAGE", bytes(line)));
    lines("Datadog, lines", line -> json("content", Map.of("message", line)));
    lines("ECS", line -> json("event", Map.of("original", line)));
    lines("Elasticsearch, lines", line -> json("_index", "x", "_source", Map.of("message", line)));
    lines("Loki, lines", line -> json("labels", Map.of("app", "x"), "line", line));
    lines("logcli", line -> TIME + " {app=\"x\", pod=\"y-1\"} " + line);
    lines("stern, colored", line -> "\u001b[36mshop-1\u001b[0m \u001b[96mapp\u001b[0m " + line);
    lines("Heroku", line -> "2026-11-26T18:05:37.314944+00:00 app[web.1]: " + line);
    lines("Cloud Foundry", line -> "   2026-11-26T18:05:37.31+0000 [APP/PROC/WEB/0] OUT " + line);
    lines("syslog", line -> "<14>1 2026-11-26T18:05:37.314944+00:00 host app 1234 - - " + line);
    lines("rsyslog", line -> "Nov 26 18:05:19 host app[1]: " + line.replace("\t", "#011"));
    lines("CloudWatch", line -> "2026-11-26T18:05:37.314Z\t" + line);
    lines("indented", line -> "    " + line);
    lines("quoted", line -> "> " + line);
    lines("CRLF", line -> line + "\r");
    lines("fluentd", line -> TIME + "\tkube.app\t" + json("log", line));
    lines("fluentd, stdout", line -> "2026-11-26 18:05:37.3 +0000 kube.a: " + json("log", line));
    lines("fluent-bit", line -> json("date", 1764180337.3, "log", line));
    lines(
        "fluent-bit, stdout",
        line ->
            "[12] kube.a: [[1764180337.3, {}], " + json("log", line).replace("\": ", "\"=>") + "]");
    lines("GitHub Actions", line -> "2026-11-26T18:05:37.3149448Z " + line);
    lines("gh run view", line -> "build\tRun tests\t2026-11-26T18:05:37.3149448Z " + line);
    lines("GitLab", line -> "2026-11-26T18:05:37.314944Z 01O " + line);
    table(
        "Splunk, lines",
        "\"_raw\",\"_time\",host",
        line -> csv(line) + ",\"2026-11-26T18:05:37.314+0000\",\"a,b\"");
    text("Splunk, event", dump -> "_time,_raw\n1," + csv(dump) + "\n");
    lines(
        "Splunk, json",
        line -> json("preview", false, "result", Map.of("_raw", line, "host", "x")));
    table("CloudWatch, CSV", "@timestamp,@message", line -> "2026-11-26 18:05:37.314," + csv(line));
    answer(
        "CloudWatch Insights",
        line ->
            List.of(
                Map.of("field", "@timestamp", "value", "1"),
                Map.of("field", "@message", "value", line)),
        "results");
    lines("CloudWatch Insights export", line -> json("@timestamp", "1", "@message", line));
    lines("aws logs tail", line -> "2026-11-26T18:05:37.314000+00:00 app/web/0123abc " + line);
    table(
        "Datadog, CSV",
        "Date,Host,Service,Content",
        line -> "\"2026-11-26T18:05:37.314Z\",\"h\",\"s\"," + csv(line));
    array(
        "GCP, array",
        line -> json("insertId", "x", "labels", Map.of("a", "b"), "textPayload", line));
    lines("GCP, jsonPayload", line -> json("jsonPayload", Map.of("message", line)));
    lines("journalctl, short-iso", line -> "2026-11-26T18:05:37+0000 host java[123]: " + line);
    lines(
        "journalctl, short-iso-precise",
        line -> "2026-11-26T18:05:37.314944+00:00 host java[123]: " + line);
    lines("journalctl, short-precise", line -> "Nov 26 18:05:37.314944 host java[123]: " + line);
    lines("journalctl, short-unix", line -> "1764180337.314944 host java[123]: " + line);
    lines(
        "journalctl, short-full",
        line -> "Thu 2026-11-26 18:05:37 UTC host app.service[1]: " + line);
    lines("syslog, 3164", line -> "<30>Nov 26 18:05:37 host app[1]: " + line);
    lines("compose", line -> "service-1  | " + line);
    lines("compose, times", line -> "service-1  | " + TIME + " " + line);
    text("CR", dump -> dump.replace("\n", "\r"));
    text("CR CR LF", dump -> dump.replace("\n", "\r\r\n"));
    text("double spaced", dump -> dump.replace("\n", "\n\n"));
    text("no blank lines", dump -> dump.replaceAll("\n+", "\n"));
    text("spaces of web pages", dump -> dump.replaceAll("(?m)^\\s+", "\u00a0\u00a0"));
    text("web page, spaces", dump -> html(dump).replaceAll("(?m)^[ \t]+", "&nbsp;&nbsp;"));
    text("web page, breaks", dump -> "<p>" + html(dump).replace("\n", "<br/>\n") + "</p>");
    text("web page, one line", dump -> "<p>" + html(dump).replace("\n", "<br>") + "</p>");
    text("Markdown, quoted", dump -> ("See\n```java\n" + dump + "```\n").replaceAll("(?m)^", "> "));
    text(
        "Markdown, quoted without space",
        dump -> ("See\n```java\n" + dump + "```\n").replaceAll("(?m)^", ">"));
    text(
        "curl -v",
        dump ->
            "* Trying 1.2.3.4:80\n"
                + "> GET / HTTP/1.1\n"
                + "> Host: x\n"
                + ">\n"
                + "< HTTP/1.1 200 OK\n"
                + "< Content-Type: text/plain\n"
                + "< \n"
                + "{ [5 bytes data]\n"
                + dump
                + "* Connection #0 to host x left intact\n");
    text("curl -i", dump -> "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + dump);
    lines("Jenkins", line -> "[2026-11-26T18:05:37.314Z] " + line);
    lines("Jenkins, Timestamper", line -> "18:05:37  " + line);
    lines("TeamCity", line -> "[18:05:37] :\t [Step 1/2] " + line);
    lines("TeamCity, levels", line -> "[18:05:37]i:     [run] " + line);
    table(
        "Azure",
        "\"TimeGenerated [UTC]\",Computer,LogMessage,Type",
        line -> "\"11/26/2026, 6:05:37.314 PM\",h," + csv(line) + ",T");
    lines("Maven", line -> "[INFO] " + line);
    lines("JBoss", line -> "18:05:37,314 INFO  [stdout] (Thread-1) " + line);
    lines("grep -n", line -> "12:" + line);
    lines("grep", line -> "app.log:12:" + line);
    lines("cat -n", line -> "    12\t" + line);
    lines("diff", line -> "+" + line);
    lines("Grafana, txt", line -> "1764180337314\t2026-11-26T18:05:37.314Z\t" + line);
    array(
        "Grafana, JSON", line -> json("line", line, "timestamp", "17", "fields", Map.of("a", "b")));
    lines("OTLP", line -> json("logRecords", List.of(Map.of("body", Map.of("stringValue", line)))));
    lines("unknown member", line -> json("severity", "info", "payload", line));
    table("unknown column", "when,payload_x,host", line -> "1," + csv(line) + ",h");
    table("CSV without quotes", "time,message", line -> "1," + line);
    text("jfr print --json", dump -> json("values", Map.of("startTime", "x", "result", dump)));
    text(
        "jfr print",
        dump ->
            "jdk.ThreadDump {\n  startTime = 18:05:37.314 (2026-11-26)\n  result = \""
                + dump
                + "\"\n}\n");
    text(
        "log4j XML",
        dump ->
            "<log4j:event level=\"INFO\">\n<log4j:message><![CDATA["
                + dump
                + "]]></log4j:message>\n</log4j:event>\n");
    lines("kubectl, all-containers", line -> "[pod/a-1/b] " + TIME + " " + line);
    lines(
        "journalctl -o verbose",
        line ->
            "Thu 2026-11-26 18:05:37.314944 UTC [s=1;i=2]\n    PRIORITY=6\n    MESSAGE="
                + line
                + "\n    _PID=1");
    lines("ts", line -> "Nov 26 18:05:37 " + line);
    lines("log level", line -> "2026-11-26 18:05:37.314 [main] INFO  c.a.Dumper - " + line);
    lines("systemd-cat", line -> "Nov 26 18:05:37 host.example.com my-app[1]: " + line);
    lines("pm2", line -> "0|app  | " + line);
    lines("supervisord", line -> "app:app_00 stdout | " + line);
    lines("nomad", line -> "2026-11-26T18:05:37.314+0000 [DEBUG] client: " + line);
    lines("stern", line -> "shop-7d9f-abcde app " + line);
    lines("stern, times", line -> "shop-7d9f-abcde app " + TIME + " " + line);
    lines("ECS/awsfirelens", line -> json("container_id", "x", "source", "stdout", "log", line));
    lines("Elasticsearch, fields", line -> json("fields", Map.of("message", List.of(line))));
    table(
        "Kibana CSV",
        "\"@timestamp\",\"agent.name\",message",
        line -> "\"Nov 26, 2026 @ 18:05:37.314\",\"-\"," + csv(line));
    table(
        "Loki CSV",
        "\"labels\",\"Time\",\"Line\",\"tsNs\"",
        line -> "\"{\"\"a\"\":\"\"b\"\"}\",17," + csv(line) + ",1");
    table("semicolon CSV", "time;message", line -> "1;" + csv(line));
    ALL.put(
        "UTF-16LE CRLF",
        dump -> ("\uFEFF" + dump.replace("\n", "\r\n")).getBytes(StandardCharsets.UTF_16LE));
    ALL.put(
        "UTF-8 BOM CRLF",
        dump -> ("\uFEFF" + dump.replace("\n", "\r\n")).getBytes(StandardCharsets.UTF_8));
    answer("Datadog", line -> Map.of("attributes", Map.of("message", line)), "data");
    answer("Elasticsearch", line -> Map.of("_source", Map.of("message", line)), "hits");
    answer("CloudWatch, answer", line -> Map.of("timestamp", 1, "message", line), "events");
    answer("Loki", line -> List.of("17", line), "values");
    text("one entry", dump -> json("level", "info", "message", "Threads:\n" + dump));
    text("web page", dump -> "<pre>" + html(dump) + "</pre>");
    text("Markdown", dump -> "It hangs:\n```\n" + dump + "```\nThanks, \"you\" #3\n");
    ALL.put("gzip twice", dump -> gzip(gzip(utf8(dump))));
    ALL.put("UTF-16", dump -> ("\uFEFF" + dump).getBytes(StandardCharsets.UTF_16BE));
    ALL.put("UTF-16 without mark", dump -> dump.getBytes(StandardCharsets.UTF_16BE));
  }

  private static void text(String name, Function<String, String> wrapper) {
    ALL.put(name, dump -> utf8(wrapper.apply(dump)));
  }

  private static void array(String name, Function<String, String> entry) {
    text(name, dump -> dump.lines().map(entry).collect(Collectors.joining(",\n", "[", "]")));
  }

  private static void table(String name, String head, Function<String, String> row) {
    text(name, dump -> head + "\n" + dump.lines().map(row).collect(Collectors.joining("\n")));
  }

  private static void lines(String name, Function<String, String> wrapper) {
    text(name, dump -> dump.lines().map(wrapper).collect(Collectors.joining("\n")));
  }

  private static void answer(String name, Function<String, ?> entry, String list) {
    text(name, dump -> json("status", "ok", list, dump.lines().map(entry).toList()));
  }

  static String json(Object... namesAndValues) {
    var map = new LinkedHashMap<String, Object>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return JsonWriter.of(map).replaceAll("\\R *", "");
  }

  private static String split(String line, String between, String before) {
    int middle = line.length() / 2;
    return line.length() < 40
        ? between.substring(1) + line
        : before + line.substring(0, middle) + between + line.substring(middle);
  }

  private static String dockerSplit(String line) {
    int middle = line.length() / 2;
    return line.length() < 40
        ? json("log", line + "\n")
        : json("log", line.substring(0, middle))
            + "\n"
            + json("log", line.substring(middle) + "\n");
  }

  private static List<Integer> bytes(String line) {
    byte[] bytes = utf8(line + " ");
    Integer[] numbers = new Integer[bytes.length];
    Arrays.setAll(numbers, i -> (int) bytes[i]);
    return List.of(numbers);
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] gzip(byte[] bytes) {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  static String csv(String field) {
    return '"' + field.replace("\"", "\"\"") + '"';
  }

  private static String html(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private LogWrappers() {}
}
