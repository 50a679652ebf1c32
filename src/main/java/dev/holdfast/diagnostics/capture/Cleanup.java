package dev.holdfast.diagnostics.capture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** Deletes temporary files when it is closed, or earlier if a signal ends this JVM. */
final class Cleanup implements AutoCloseable {

  /** The JVM that writes into a directory may add a file while it is deleted. */
  private static final int ATTEMPTS = 5;

  private final List<Path> paths = new CopyOnWriteArrayList<>();
  private final Thread hook = new Thread(this::delete, "holdfast-cleanup");

  Cleanup() {
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      // this JVM is shutting down already
    }
  }

  /** Adds a file, or a directory with files. */
  void add(Path path) {
    paths.add(path);
  }

  /** Adds a file that another process may create from now on. */
  void addIfNew(Path path) {
    if (!Files.exists(path)) {
      paths.add(path);
    }
  }

  private void delete() {
    for (int i = 0; i < ATTEMPTS; i++) {
      paths.removeIf(Cleanup::isDeleted);
    }
  }

  private static boolean isDeleted(Path path) {
    try {
      if (Files.isDirectory(path)) {
        try (Stream<Path> files = Files.list(path)) {
          for (Path file : files.toList()) {
            Files.deleteIfExists(file);
          }
        }
      }
      Files.deleteIfExists(path);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the hook runs
    }
    delete();
  }
}
