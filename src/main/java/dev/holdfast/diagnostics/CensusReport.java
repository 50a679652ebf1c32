package dev.holdfast.diagnostics;

import dev.holdfast.diagnostics.census.TrendRecord;
import dev.holdfast.diagnostics.json.JsonWriter;
import dev.holdfast.internal.util.Printable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes censuses and their differences, as text and as JSON values. */
final class CensusReport {

  /** How many application frames the text shows; the JSON has all. */
  private static final int FRAMES = 4;

  /** How many different stacks of a group the text shows; the JSON has all. */
  private static final int VARIANTS = 3;

  private static final String INDENT = " ".repeat(40);

  private CensusReport() {}

  static String text(Census census, int top) {
    var text = new StringBuilder(header(census)).append('\n');
    if (census.groups().isEmpty()) {
      return text.append("There are no threads except those of the JVM.\n").toString();
    }
    text.append("\n   flat  flat%    sum%    cum   cum%  what and where\n");
    int sum = 0;
    var shown = new ArrayList<Census.Group>();
    for (Census.Group group : census.groups().subList(0, Math.min(top, census.groups().size()))) {
      sum += group.count();
      shown.add(group);
      text.append(
          String.format(
              Locale.ROOT,
              "%7d %5.1f%% %6.1f%% %6d %5.1f%%  %s\n",
              group.count(),
              census.percent(group.count()),
              census.percent(sum),
              group.cumulative(),
              census.percent(group.cumulative()),
              group.label()));
      via(text, census, group);
    }
    int more = census.groups().size() - shown.size();
    if (more > 0) {
      text.append("%7d in other groups (%d)\n".formatted(census.groupedThreads() - sum, more));
    }
    return text.append(findings(census))
        .append(causes(shown))
        .append(DumpedScopes.text(census))
        .toString();
  }

  private static String findings(Census census) {
    List<String> findings = CensusFindings.of(census);
    return findings.isEmpty()
        ? ""
        : "\nFindings:\n"
            + findings.stream().map(f -> "  " + f + "\n").collect(Collectors.joining());
  }

  private static String header(Census census) {
    ThreadDump dump = census.dump();
    int all = dump.threads().size();
    String oldest =
        census
            .oldest()
            .map(thread -> "\nOldest: #" + thread.id() + named(thread.name()))
            .map(line -> line + " (the lowest identifier; dumps do not contain ages)")
            .orElse("");
    return source(dump)
        + "\n%d threads: %d platform, %d virtual; %d belong to the JVM and are not grouped"
            .formatted(
                all,
                census.platformThreads(),
                census.virtualThreads(),
                all - census.groupedThreads())
        + (dump.skipped() == 0
            ? ""
            : "\nDamaged threads and frames that were skipped: " + dump.skipped())
        + oldest;
  }

  private static String source(ThreadDump dump) {
    return (dump.pid() == 0 ? "" : "Process " + dump.pid() + ", ")
        + (dump.runtimeVersion().isEmpty()
            ? ""
            : "JDK " + Printable.of(dump.runtimeVersion()) + ", ")
        + dump.time();
  }

  private static String named(String thread) {
    return thread.isEmpty() ? "" : " '" + Printable.of(thread) + "'";
  }

  /** {@return the number of threads in each group, by the label of the group, the largest first} */
  static Map<String, Integer> countsByLabel(Census census) {
    var counts = new LinkedHashMap<String, Integer>();
    census.groups().forEach(group -> counts.merge(group.label(), group.count(), Integer::sum));
    return counts;
  }

  private static void via(StringBuilder text, Census census, Census.Group group) {
    List<Census.Variant> variants = census.variants(group);
    String ids = group.samples().stream().map(id -> "#" + id).collect(Collectors.joining(" "));
    text.append(INDENT)
        .append(ids)
        .append(group.count() > group.samples().size() ? " ..." : "")
        .append(variants.size() > 1 ? "" : path(group.place(), group.stack()))
        .append('\n');
    if (variants.size() > 1) {
      for (Census.Variant variant : variants.subList(0, Math.min(VARIANTS, variants.size()))) {
        text.append(INDENT).append(variant.count());
        text.append(path(group.place(), variant.stack()).replaceFirst(",", "")).append('\n');
      }
      if (variants.size() > VARIANTS) {
        text.append(INDENT).append("other stacks: ").append(variants.size() - VARIANTS);
        text.append('\n');
      }
    }
  }

  /** {@return the framework methods above the application's method, and its callers below it} */
  private static String path(String place, List<String> stack) {
    int at = Math.max(0, stack.indexOf(place));
    String in = at == 0 ? "" : ", in " + stack.getFirst();
    String from =
        stack.stream().skip(at + 1L).limit(FRAMES - 1).collect(Collectors.joining(" <- "));
    return in + (from.isEmpty() ? "" : ", called from " + from);
  }

  private static String causes(List<Census.Group> groups) {
    var activities =
        groups.stream().map(Census.Group::activity).collect(Collectors.toCollection(TreeSet::new));
    int width = Math.max(8, activities.stream().mapToInt(a -> a.name().length()).max().orElse(0));
    var text = new StringBuilder("\nProbable cause, if these threads should have ended:\n");
    for (Activity activity : activities) {
      text.append("  ").append(activity).append(" ".repeat(width - activity.name().length() + 1));
      text.append(activity.probableCause()).append('\n');
    }
    return text.toString();
  }

  static String diffText(Census before, Census after, int top) {
    List<Census.Growth> grown = Census.diff(before, after);
    var text = new StringBuilder();
    text.append(
        "From %d threads at %s to %d at %s\n"
            .formatted(
                before.dump().threads().size(),
                before.dump().time(),
                after.dump().threads().size(),
                after.dump().time()));
    if (grown.isEmpty()) {
      return text.append("No group has grown.\n").toString();
    }
    text.append("\n  grown    from      to  what and where\n");
    List<Census.Growth> shown = grown.subList(0, Math.min(top, grown.size()));
    for (Census.Growth growth : shown) {
      Census.Group group = growth.group();
      text.append(
          "%7s %7d %7d  %s\n"
              .formatted("+" + growth.increase(), growth.before(), group.count(), group.label()));
    }
    if (shown.size() < grown.size()) {
      text.append("Other groups that have grown: %d\n".formatted(grown.size() - shown.size()));
    }
    return text.append(causes(shown.stream().map(Census.Growth::group).toList())).toString();
  }

  /** {@return a census as JSON, with the trend of the dumps if there are several} */
  static String json(Census census, List<TrendRecord> records) {
    Map<String, @Nullable Object> json = json(census);
    if (records.size() > 1) {
      json.put("trend", records.stream().map(TrendRecord::json).toList());
    }
    return JsonWriter.of(json);
  }

  static Map<String, @Nullable Object> json(Census census) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    ThreadDump dump = census.dump();
    json.put("pid", dump.pid());
    json.put("time", dump.time());
    json.put("runtimeVersion", dump.runtimeVersion());
    json.put("skipped", dump.skipped());
    json.put("threads", dump.threads().size());
    json.put("platform", census.platformThreads());
    json.put("virtual", census.virtualThreads());
    json.put("grouped", census.groupedThreads());
    json.put("oldest", census.oldest().map(DumpedThread::id).orElse(null));
    json.put("findings", CensusFindings.of(census));
    json.put("app", census.own().packages());
    json.put("groups", census.groups().stream().map(group -> json(census, group)).toList());
    return json;
  }

  private static Map<String, @Nullable Object> json(Census census, Census.Group group) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("activity", group.activity());
    json.put("operation", group.operation());
    json.put("place", group.place());
    json.put("count", group.count());
    json.put("percent", rounded(census.percent(group.count())));
    json.put("cumulative", group.cumulative());
    json.put("cumulativePercent", rounded(census.percent(group.cumulative())));
    json.put("oldest", group.oldest());
    json.put("samples", group.samples());
    json.put("stack", group.stack());
    json.put(
        "variants",
        census.variants(group).stream()
            .map(variant -> {
              var of = new LinkedHashMap<String, @Nullable Object>();
              of.put("count", variant.count());
              of.put("stack", variant.stack());
              return of;
            })
            .toList());
    json.put("probableCause", group.activity().probableCause());
    return json;
  }

  private static double rounded(double percent) {
    return Math.round(percent * 10) / 10.0;
  }

  static Map<String, @Nullable Object> diffJson(Census before, Census after) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("before", before.dump().time());
    json.put("after", after.dump().time());
    json.put(
        "grown",
        Census.diff(before, after).stream()
            .map(growth -> {
              Map<String, @Nullable Object> group = json(after, growth.group());
              group.put("before", growth.before());
              group.put("increase", growth.increase());
              return group;
            })
            .toList());
    return json;
  }
}
