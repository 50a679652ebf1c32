package dev.holdfast.diagnostics.census;

import dev.holdfast.diagnostics.json.JsonWriter;
import dev.holdfast.internal.util.Printable;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One census of a series, in a form for other programs.
 *
 * @param time when it was taken
 * @param threads the number of all threads
 * @param virtual the number of virtual threads
 * @param load the load; NaN if it is not known
 * @param groups the number of threads in each group, by the label of the group
 * @param trend the verdict for each group after this census; empty before there is one
 * @param verdict the verdict of the series up to this census
 */
public record TrendRecord(
    Instant time,
    int threads,
    int virtual,
    double load,
    Map<String, Integer> groups,
    Map<String, Trend.Verdict> trend,
    String verdict) {

  public static final String CSV_HEADER = "time,threads,virtual,load,count,trend,group\n";

  /** {@return the values for JSON} */
  public Map<String, @Nullable Object> json() {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("time", time);
    json.put("threads", threads);
    json.put("virtual", virtual);
    json.put("load", Double.isFinite(load) ? load : null);
    json.put("verdict", verdict);
    json.put(
        "groups",
        groups.entrySet().stream()
            .map(group -> {
              var of = new LinkedHashMap<String, @Nullable Object>();
              of.put("group", group.getKey());
              of.put("count", group.getValue());
              of.put("trend", trend.get(group.getKey()));
              return of;
            })
            .toList());
    return json;
  }

  /** {@return a JSON document on one line} */
  public String jsonLine() {
    return JsonWriter.line(json());
  }

  /** {@return a line for each group} */
  public String csv() {
    return groups.entrySet().stream()
        .map(group ->
            "%s,%d,%d,%s,%d,%s,%s\n"
                .formatted(
                    time,
                    threads,
                    virtual,
                    Double.isFinite(load) ? load : "",
                    group.getValue(),
                    trend.containsKey(group.getKey()) ? trend.get(group.getKey()) : "",
                    cell(group.getKey())))
        .collect(Collectors.joining());
  }

  /** {@return a quoted cell, which a spreadsheet reads as text, never as a formula} */
  private static String cell(String text) {
    String printable = Printable.of(text);
    boolean formula = !printable.isEmpty() && "=+-@".indexOf(printable.charAt(0)) >= 0;
    return '"' + (formula ? "'" : "") + printable.replace("\"", "\"\"") + '"';
  }
}
