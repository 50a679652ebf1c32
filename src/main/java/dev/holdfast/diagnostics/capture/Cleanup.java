package dev.holdfast.diagnostics.capture;

import dev.holdfast.diagnostics.dump.DumpException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Deletes temporary files when it is closed, or earlier if a signal ends this JVM.
 *
 * <p>A thread may create a file at the very moment of the signal. So it creates files in {@link
 * #creating}, and the shutdown hook waits until no thread runs that method.
 */
final class Cleanup implements AutoCloseable {

  /** The JVM that writes into a directory may add a file while the directory is being deleted. */
  private static final int ATTEMPTS = 5;

  /** How long the exit of this JVM may be delayed. */
  private static final long PATIENCE_MILLIS = 500;

  /** Creates files, and adds them to this object. */
  interface Creation<T extends @Nullable Object> {
    T create() throws IOException;
  }

  private final List<Path> paths = new CopyOnWriteArrayList<>();
  private final Thread hook = new Thread(this::exit, "holdfast-cleanup");

  private final ReentrantLock lock = new ReentrantLock();
  private volatile boolean exiting; // set under the lock, if it becomes free in time

  Cleanup() {
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      exiting = true; // the hooks are already running
    }
  }

  /**
   * Creates files, which are deleted even if a signal ends this JVM in the meantime.
   *
   * @throws DumpException if this JVM is ending: nothing would delete the files
   */
  <T extends @Nullable Object> T creating(Creation<T> creation) throws IOException {
    lock.lock();
    try {
      if (exiting) {
        throw new DumpException("This JVM is shutting down");
      }
      return creation.create();
    } finally {
      lock.unlock();
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

  /** Called by the shutdown hook. */
  void exit() {
    boolean locked = false;
    try {
      locked = lock.tryLock(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      exiting = true;
      delete();
    } catch (InterruptedException e) {
      delete();
    } finally {
      if (locked) {
        lock.unlock();
      }
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
