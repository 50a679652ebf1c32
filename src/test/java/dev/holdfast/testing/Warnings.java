package dev.holdfast.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Collects the warnings of the library during a test; the console does not show them. */
public final class Warnings extends Handler implements BeforeEachCallback, AfterEachCallback {

  private static final Logger LOGGER = Logger.getLogger("dev.holdfast");

  /** The warning that virtual threads starve, as all do for a while on a very busy machine. */
  private static final String STARVES = "A virtual thread that can run has waited ";

  /** What is logged of a scope that takes a second to end, as each may on a machine that stalls. */
  private static final Pattern SLOW =
      Pattern.compile("was cancelled \\d+ ms ago|has been closing for a second");

  private final Queue<LogRecord> logged = new ConcurrentLinkedQueue<>();
  private final boolean collectsStarvation;

  public Warnings() {
    this(false);
  }

  private Warnings(boolean collectsStarvation) {
    this.collectsStarvation = collectsStarvation;
  }

  /** Collects also the warning that virtual threads starve. */
  public static Warnings withStarvation() {
    return new Warnings(true);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    LOGGER.setUseParentHandlers(false);
    LOGGER.addHandler(this);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    LOGGER.removeHandler(this);
    LOGGER.setUseParentHandlers(true);
  }

  @Override
  public void publish(LogRecord record) {
    if (record.getLevel().intValue() >= Level.WARNING.intValue()
        && (collectsStarvation || !record.getMessage().startsWith(STARVES))) {
      logged.add(record);
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}

  public List<String> messages() {
    return logged.stream().map(LogRecord::getMessage).toList();
  }

  public int count() {
    return logged.size();
  }

  /** Waits for the first warning and returns it; fails if there is another. */
  public LogRecord only() {
    Poll.until(() -> !logged.isEmpty(), () -> "No warning came");
    assertEquals(1, logged.size(), () -> messages().toString());
    return logged.element();
  }

  /** Fails if there is a warning that a slow machine does not cause. */
  public void none() {
    assertEquals(List.of(), messages().stream().filter(m -> !SLOW.matcher(m).find()).toList());
  }

  /** Waits for a warning that names a task and a call. */
  public void awaitNaming(String task, String call) {
    Poll.until(
        () -> naming(task, call), () -> "No warning names " + task + " and " + call + messages());
  }

  private boolean naming(String task, String call) {
    return messages().stream().anyMatch(m -> m.contains("'" + task + "'") && m.contains(call));
  }
}
