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

/** Collects the warnings of the library during a test; the console does not show them. */
public final class Warnings extends Handler implements BeforeEachCallback, AfterEachCallback {

  private static final Logger LOGGER = Logger.getLogger("dev.holdfast");

  private final Queue<LogRecord> logged = new ConcurrentLinkedQueue<>();

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

  public void none() {
    assertEquals(List.of(), messages());
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
