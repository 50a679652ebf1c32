package dev.holdfast.simulation.kernel;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The threads of this JVM as the operating system schedules them. */
public class KernelThreads {

  /*
   * Thread.getState returns WAITING until a thread that was unparked or interrupted runs again. On
   * a loaded machine that can take arbitrarily long, so no wait in real time is long enough for a
   * simulation to conclude that no thread can run. The Linux kernel knows: such a thread is in
   * state R. It also counts how often it has switched away from each thread. If two looks at all
   * threads find none in R, and equal counts, then none has run between the looks, so no thread can
   * have woken another that was looked at before. The carrier is one of these threads: if it rests,
   * no virtual thread can run either.
   *
   * Compilers, garbage collectors and the like wake no thread of a program and are left out. So are
   * threads for which a simulation has waited in vain.
   */

  private static final Path TASKS = Path.of("/proc/self/task");
  private static final Path SELF = Path.of("/proc/thread-self");
  private static final boolean SHOWN = Files.isReadable(TASKS) && Files.isSymbolicLink(SELF);

  private static final List<String> OF_THE_JVM =
      List.of("C1 Comp", "C2 Comp", "JVMCI", "G1 ", "GC Thread", "ZWorker", "ZDriver", "VM ");

  private static final String CARRIER = "ForkJoinPool-1-";

  private static final Set<String> IN_VAIN = ConcurrentHashMap.newKeySet();

  private static final long PAUSE_NANOS = 50_000;

  /** A directory with one directory for each thread. */
  private final Path tasks;

  /** The number of the thread to leave out; null until the first check. */
  private @Nullable String self;

  private final byte[] buffer = new byte[1 << 12];

  /** How often the system has switched away from each thread, by its number. */
  private Map<String, Long> switches = Map.of();

  /** The threads that were running in the last look, or have run since the one before. */
  private final Set<String> active = new HashSet<>();

  /**
   * Creates the threads in a directory.
   *
   * @param self the name of the thread to leave out, or null for the current thread
   */
  protected KernelThreads(Path tasks, @Nullable String self) {
    this.tasks = tasks;
    this.self = self;
  }

  /** {@return the threads other than the current one, or null if this system does not show them} */
  public static @Nullable KernelThreads withoutThisOne() {
    return SHOWN && !Thread.currentThread().isVirtual() ? new KernelThreads(TASKS, null) : null;
  }

  /**
   * Waits until no thread can run, or until a timeout; then it ignores the threads that still run.
   */
  public void awaitRest(long nanos) {
    long begun = System.nanoTime();
    look();
    do {
      look();
      if (active.isEmpty()) {
        return;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    } while (System.nanoTime() - begun < nanos);
    active.removeIf(id -> after("Name:\t", status(id)).startsWith(CARRIER));
    IN_VAIN.addAll(active);
  }

  private void look() {
    active.clear();
    self = self == null ? current() : self;
    var now = new HashMap<String, Long>();
    String[] ids = tasks.toFile().list();
    for (String id : ids == null ? new String[0] : ids) {
      String status = IN_VAIN.contains(id) || id.equals(self) ? "" : status(id);
      String name = after("Name:\t", status);
      if (status.isEmpty() || OF_THE_JVM.stream().anyMatch(name::startsWith)) {
        continue;
      }
      now.put(id, number("\nvoluntary_ctxt_switches:\t", status));
      now.merge(id, number("\nnonvoluntary_ctxt_switches:\t", status), Long::sum);
      String state = after("\nState:\t", status);
      boolean runs = state.startsWith("R") || state.startsWith("D");
      if (runs || !now.get(id).equals(switches.get(id))) {
        active.add(id);
      }
    }
    switches = now;
  }

  private static String current() {
    try {
      return String.valueOf(Files.readSymbolicLink(SELF).getFileName());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return what the system says about a thread, or "" if it has ended} */
  String status(String id) {
    try (InputStream in = new FileInputStream(tasks.resolve(id).resolve("status").toFile())) {
      int length = in.readNBytes(buffer, 0, buffer.length);
      return new String(buffer, 0, length, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  private static String after(String label, String status) {
    int at = status.indexOf(label);
    int begin = at + label.length();
    int end = status.indexOf('\n', begin);
    return at < 0 || end < 0 ? "" : status.substring(begin, end);
  }

  private static long number(String label, String status) {
    String number = after(label, status);
    return number.isEmpty() ? 0 : Long.parseLong(number);
  }
}
