package dev.holdfast;

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
final class Warnings extends Handler implements BeforeEachCallback, AfterEachCallback {

  private static final Logger LOGGER = Logger.getLogger("dev.holdfast");

  private final Queue<LogRecord> heard = new ConcurrentLinkedQueue<>();

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

  List<String> messages() {
    return heard.stream().map(LogRecord::getMessage).toList();
  }

  int count() {
    return heard.size();
  }

  /** Waits for the first, and for there to be no other. */
  LogRecord only() {
    Poll.until(() -> !heard.isEmpty());
    assertEquals(1, heard.size(), () -> messages().toString());
    return heard.element();
  }

  void none() {
    assertEquals(List.of(), messages());
  }
}
