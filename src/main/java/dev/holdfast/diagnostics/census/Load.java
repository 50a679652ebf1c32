package dev.holdfast.diagnostics.census;

import dev.holdfast.diagnostics.json.JsonException;
import dev.holdfast.diagnostics.json.JsonReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The load of a service, read from a web page: a number, a Spring Boot Actuator metric, or a metric
 * in Prometheus format, whose name follows a {@code #} in the address. For a counter, the load is
 * its rate.
 */
public final class Load {

  private static final int TIMEOUT_MILLIS = 5_000;
  private static final int MAX_BYTES = 16 << 20;
  private static final Pattern NUMBER = Pattern.compile("[-+]?[\\d.]{1,30}(?:[eE][-+]?\\d{1,3})?");

  /** A line in Prometheus format: name, labels and value. */
  private static final Pattern SAMPLE =
      Pattern.compile("([\\w:]+)(?:\\{.*\\})?\\s+(" + NUMBER.pattern() + ")(?:\\s+\\d+)?");

  private final URI page;
  private final String metric;
  private double lastCount = Double.NaN;
  private long lastNanos;

  private Load(URI page, String metric) {
    this.page = page;
    this.metric = metric;
  }

  /**
   * Parses an address.
   *
   * @throws IllegalArgumentException if it is not the address of a web page
   */
  public static Load at(String address) {
    int hash = address.indexOf('#');
    String metric = hash < 0 ? "" : address.substring(hash + 1);
    try {
      var page = new URI(hash < 0 ? address : address.substring(0, hash));
      if (page.getHost() != null && String.valueOf(page.getScheme()).matches("https?")) {
        return new Load(page, metric);
      }
    } catch (URISyntaxException e) {
      // handled below, like any other text that is not an address
    }
    throw new IllegalArgumentException(
        "--load takes the URL of a number or of metrics, such as"
            + " http://localhost:8080/metrics#http_server_requests_seconds_count");
  }

  /** {@return the load now; NaN after the first reading of a counter, which has no rate yet} */
  public double read() throws IOException {
    String text = text();
    String trimmed = text.strip();
    if (NUMBER.matcher(trimmed).matches()) {
      return Double.parseDouble(trimmed);
    }
    Double value = trimmed.startsWith("{") ? ofActuator(trimmed) : ofPrometheus(text);
    if (value == null) {
      throw new IOException(
          "There is no number"
              + (metric.isEmpty() ? "" : " for " + metric)
              + " in the answer of "
              + page
              + ". Add the name of a metric to the URL, after a #.");
    }
    boolean counter = metric.endsWith("_total") || metric.endsWith("_count");
    return counter ? rate(value) : value;
  }

  private @Nullable Double ofPrometheus(String text) {
    double sum = 0;
    boolean any = false;
    for (String line : text.lines().toList()) {
      Matcher sample = SAMPLE.matcher(line.strip());
      if (sample.matches() && sample.group(1).equals(metric)) {
        sum += Double.parseDouble(sample.group(2));
        any = true;
      }
    }
    return any ? sum : null;
  }

  /** {@return the value of a Spring Boot Actuator metric; for a timer, the rate of its count} */
  private @Nullable Double ofActuator(String text) throws JsonException {
    if (!(JsonReader.parse(text) instanceof Map<?, ?> json)) {
      return null;
    }
    if (json.get(metric) instanceof Number number) {
      return number.doubleValue();
    }
    if (json.get("measurements") instanceof List<?> measurements && !measurements.isEmpty()) {
      Map<?, ?> first = measurements.getFirst() instanceof Map<?, ?> map ? map : Map.of();
      if (first.get("value") instanceof Number number) {
        boolean counter = "COUNT".equals(first.get("statistic"));
        return counter ? rate(number.doubleValue()) : number.doubleValue();
      }
    }
    return null;
  }

  private double rate(double count) {
    long now = System.nanoTime();
    double rate = (count - lastCount) / ((now - lastNanos) / 1e9);
    lastCount = count;
    lastNanos = now;
    return rate < 0 ? Double.NaN : rate; // the service was restarted
  }

  private String text() throws IOException {
    var connection = (HttpURLConnection) page.toURL().openConnection();
    connection.setConnectTimeout(TIMEOUT_MILLIS);
    connection.setReadTimeout(TIMEOUT_MILLIS);
    try (InputStream in = connection.getInputStream()) {
      return new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IOException("The load could not be read from " + page + ": " + e, e);
    } finally {
      connection.disconnect();
    }
  }
}
