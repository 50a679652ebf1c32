package dev.holdfast.leak;

import dev.holdfast.Poll;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Collects what Holdfast reports, until it is closed. */
final class Warnings extends Handler implements AutoCloseable {

  private static final Logger LOGGER = Logger.getLogger("dev.holdfast");

  private final Queue<String> texts = new ConcurrentLinkedQueue<>();

  Warnings() {
    LOGGER.setUseParentHandlers(false);
    LOGGER.addHandler(this);
  }

  @Override
  public void publish(LogRecord record) {
    if (record.getLevel().intValue() >= Level.WARNING.intValue()) {
      texts.add(record.getMessage());
    }
  }

  List<String> texts() {
    return List.copyOf(texts);
  }

  /** {@return whether one report names both, waiting for it for a while} */
  boolean tell(String task, String call) {
    Poll.until(() -> has(task, call));
    return has(task, call);
  }

  private boolean has(String task, String call) {
    return texts.stream().anyMatch(text -> text.contains("'" + task + "'") && text.contains(call));
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    LOGGER.removeHandler(this);
    LOGGER.setUseParentHandlers(true);
  }
}
