package dev.holdfast.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Hears the warnings of the library during a test, in place of the console. */
public final class Warnings extends Handler implements BeforeEachCallback, AfterEachCallback {

  private static final Logger LOGGER = Logger.getLogger("dev.holdfast");

  private final Queue<LogRecord> heard = new ConcurrentLinkedQueue<>();

  public Warnings() {}

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
    if (record.getLevel().intValue() >= Level.WARNING.intValue()) {
      heard.add(record);
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}

  public List<String> messages() {
    return heard.stream().map(LogRecord::getMessage).toList();
  }

  public int count() {
    return heard.size();
  }

  /** Waits for the first, and for there to be no other. */
  public LogRecord only() {
    Poll.until(() -> !heard.isEmpty(), () -> "No warning came");
    assertEquals(1, heard.size(), () -> messages().toString());
    return heard.element();
  }

  public void none() {
    assertEquals(List.of(), messages());
  }

  /** Waits for one that names both. */
  public void awaitNaming(String task, String call) {
    Poll.until(
        () -> naming(task, call), () -> "No warning names " + task + " and " + call + messages());
  }

  private boolean naming(String task, String call) {
    return messages().stream().anyMatch(m -> m.contains("'" + task + "'") && m.contains(call));
  }
}
