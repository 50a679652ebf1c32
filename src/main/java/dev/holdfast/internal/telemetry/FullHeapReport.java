package dev.holdfast.internal.telemetry;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Prints a line on standard error that names a scope that waits for memory. It takes no memory for
 * that; a logger would.
 */
public final class FullHeapReport {

  private static final byte[] BEFORE =
      "holdfast: the heap is full. Scope '".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] AFTER =
      "' cannot be cancelled until there is memory for it.\n".getBytes(StandardCharsets.US_ASCII);

  /** Replaced by tests. */
  public static volatile OutputStream error = new FileOutputStream(FileDescriptor.err);

  private static final AtomicBoolean BUSY = new AtomicBoolean();

  /** The line; only the thread that has set BUSY may use it. */
  private static final byte[] LINE = new byte[500];

  private FullHeapReport() {}

  /** Loads this class in advance, because a full heap has no room for it. */
  public static void prepare() {}

  /**
   * Writes the line.
   *
   * @return false if another thread is writing one, or there is no memory; then the caller tries
   *     again
   */
  public static boolean write(String scope) {
    boolean written = false;
    if (BUSY.compareAndSet(false, true)) {
      try {
        System.arraycopy(BEFORE, 0, LINE, 0, BEFORE.length);
        int length = BEFORE.length;
        for (int i = 0; i < scope.length() && length < LINE.length - AFTER.length; i++) {
          char c = scope.charAt(i);
          LINE[length++] = (byte) (c < ' ' || c > '~' ? '?' : c);
        }
        System.arraycopy(AFTER, 0, LINE, length, AFTER.length);
        error.write(LINE, 0, length + AFTER.length);
        written = true;
      } catch (IOException e) {
        written = true; // there is no other place to say it
      } catch (OutOfMemoryError e) {
        written = false;
      } finally {
        BUSY.set(false);
      }
    }
    return written;
  }
}
