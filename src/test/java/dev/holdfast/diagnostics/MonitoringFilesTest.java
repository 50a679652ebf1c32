package dev.holdfast.diagnostics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.Scopes;
import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.diagnostics.json.JsonReader;
import dev.holdfast.testing.LeavesNothing;
import io.micrometer.core.instrument.Meter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files in docs/monitoring match the meters. */
@LeavesNothing
class MonitoringFilesTest {

  private static final Path FOLDER = Path.of("docs/monitoring");
  private static final Pattern SERIES = Pattern.compile("\\bholdfast_\\w+");
  private static final String DATA_SOURCE = "${DS_PROMETHEUS}";

  private static String read(String file) throws IOException {
    return Files.readString(FOLDER.resolve(file));
  }

  /** {@return the registry after something of every kind was there} */
  private static PrometheusMeterRegistry registry() throws Exception {
    var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    Scopes.run(scope -> {
      scope.channel(ChannelSpec.<Integer>of(1).named("monitored"));
      new HoldfastMetrics().bindTo(registry);
    });
    return registry;
  }

  private static Set<String> series() throws Exception {
    // Not lines(): a label may contain a carriage return, which ends no line here.
    return Stream.of(registry().scrape().split("\n"))
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split("[{ ]", 2)[0])
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> matches(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"holdfast.rules.yml", "holdfast.rules.test.yml", "dashboard.json", "README.md"})
  void every_series_that_a_file_names_is_exposed(String file) throws Exception {
    Set<String> unknown = matches(SERIES, read(file));
    assertFalse(unknown.isEmpty());
    unknown.removeAll(series());
    assertEquals(Set.of(), unknown);
  }

  @Test
  void the_dashboard_shows_every_series() throws Exception {
    Set<String> missing = series();
    missing.removeAll(matches(SERIES, read("dashboard.json")));
    missing.removeIf(name -> name.endsWith("_max"));
    assertEquals(Set.of(), missing);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "docs/monitoring/README.md",
        "src/main/java/dev/holdfast/diagnostics/HoldfastMetrics.java"
      })
  void every_meter_has_its_row(String document) throws Exception {
    Set<String> meters =
        registry().getMeters().stream()
            .map(Meter::getId)
            .map(Meter.Id::getName)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> rows =
        Files.readAllLines(Path.of(document)).stream()
            .filter(line -> line.startsWith("| `") || line.contains("scope=\"row\""))
            .flatMap(line -> matches(Pattern.compile("holdfast\\.[a-z.]+"), line).stream())
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(meters, rows);
  }

  @Test
  void every_alert_is_explained_and_tested() throws Exception {
    Pattern alert = Pattern.compile("(?<=- alert: )\\w+");
    Set<String> alerts = matches(alert, read("holdfast.rules.yml"));
    assertEquals(8, alerts.size(), alerts::toString);
    for (String name : alerts) {
      assertTrue(read("README.md").contains("### " + name), name);
      assertTrue(read("holdfast.rules.test.yml").contains("alertname: " + name), name);
      assertTrue(read("dashboard.json").contains(name), name);
    }
    Pattern named = Pattern.compile("\\bHoldfast[A-Z]\\w+");
    assertEquals(alerts, matches(named, read("dashboard.json")));
  }

  @SuppressWarnings("unchecked") // what JSON objects are read as
  private static Map<String, Object> object(Object json) {
    return (Map<String, Object>) json;
  }

  @SuppressWarnings("unchecked") // what JSON arrays are read as
  private static List<Object> list(Object json) {
    return (List<Object>) json;
  }

  private static Map<String, Object> dashboard() throws Exception {
    return object(JsonReader.parse(read("dashboard.json")));
  }

  private static List<Map<String, Object>> panels() throws Exception {
    return list(dashboard().get("panels")).stream().map(MonitoringFilesTest::object).toList();
  }

  @Test
  void the_dashboard_can_be_imported() throws Exception {
    Map<String, Object> dashboard = dashboard();
    assertTrue(dashboard.containsKey("id"));
    assertNull(dashboard.get("id"), "Grafana gives the number");
    assertEquals("holdfast", dashboard.get("uid"));
    assertEquals(41L, dashboard.get("schemaVersion"));
    Map<String, Object> input = object(list(dashboard.get("__inputs")).getFirst());
    assertEquals("DS_PROMETHEUS", input.get("name"));
    assertEquals("datasource", input.get("type"));
    Set<Object> required =
        list(dashboard.get("__requires")).stream()
            .map(json -> object(json).get("id"))
            .collect(Collectors.toSet());
    Set<Object> ids = new HashSet<>();
    Set<String> cells = new HashSet<>();
    for (Map<String, Object> panel : panels()) {
      assertTrue(ids.add(panel.get("id")), () -> "twice: " + panel.get("id"));
      assertTrue(required.contains(panel.get("type")), () -> "not required: " + panel.get("type"));
      assertEquals(DATA_SOURCE, object(panel.get("datasource")).get("uid"));
      Map<String, Object> place = object(panel.get("gridPos"));
      for (long x = (long) place.get("x"); x < (long) place.get("x") + (long) place.get("w"); x++) {
        for (long y = (long) place.get("y");
            y < (long) place.get("y") + (long) place.get("h");
            y++) {
          assertTrue(x < 24 && cells.add(x + "," + y), () -> panel.get("title") + " overlaps");
        }
      }
      for (Object target : list(panel.get("targets"))) {
        assertEquals(DATA_SOURCE, object(object(target).get("datasource")).get("uid"));
      }
    }
    Set<String> variables = new TreeSet<>();
    for (Object variable : list(object(dashboard.get("templating")).get("list"))) {
      variables.add((String) object(variable).get("name"));
    }
    assertEquals(
        variables,
        matches(Pattern.compile("(?<=\"\\$)[a-z]+(?=\\\\?\")"), expressions().toString()));
  }

  private static List<String> expressions() throws Exception {
    List<String> expressions = new ArrayList<>();
    for (Map<String, Object> panel : panels()) {
      for (Object target : list(panel.get("targets"))) {
        expressions.add((String) object(target).get("expr"));
      }
    }
    return expressions;
  }

  @Test
  void a_line_shows_where_five_hundred_live_tasks_are() throws Exception {
    Map<String, Object> panel =
        panels().stream()
            .filter(each -> each.get("title").equals("Live tasks by instance"))
            .findFirst()
            .orElseThrow();
    Map<String, Object> defaults = object(object(panel.get("fieldConfig")).get("defaults"));
    Map<String, Object> step =
        object(list(object(defaults.get("thresholds")).get("steps")).getLast());
    assertEquals(Map.of("color", "red", "value", 500L), step);
    assertEquals(
        "dashed", object(object(defaults.get("custom")).get("thresholdsStyle")).get("mode"));
    assertTrue(read("holdfast.rules.yml").contains("(holdfast_tasks_live) > 500\n        for: 2m"));
  }

  @Test
  void promtool_passes_the_rules() throws Exception {
    promtool("check", "rules", FOLDER.resolve("holdfast.rules.yml").toString());
    promtool("check", "config", FOLDER.resolve("prometheus.yml").toString());
    promtool("test", "rules", FOLDER.resolve("holdfast.rules.test.yml").toString());
  }

  @Test
  void promtool_can_read_the_expressions_of_the_dashboard(@TempDir Path folder) throws Exception {
    var rules = new StringBuilder("groups:\n  - name: dashboard\n    rules:\n");
    List<String> expressions = expressions();
    for (int i = 0; i < expressions.size(); i++) {
      String expression = expressions.get(i).replace("$__rate_interval", "1m").replace("'", "''");
      rules.append("      - {record: 'r:").append(i).append("', expr: '");
      rules.append(expression).append("'}\n");
    }
    Path file = Files.writeString(folder.resolve("dashboard.yml"), rules);
    promtool("check", "rules", file.toString());
  }

  /** Runs promtool if it is on the path; .ci/run installs it. */
  private static void promtool(String... arguments) throws IOException, InterruptedException {
    boolean there =
        Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "promtool")));
    assumeTrue(there, "promtool is not on the path; Debian has it in the package prometheus");
    List<String> command = new ArrayList<>(List.of("promtool"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
  }
}
