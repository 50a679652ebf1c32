package dev.holdfast.http.debug;

import dev.holdfast.Inspect;
import dev.holdfast.inspect.Report;
import java.lang.ref.WeakReference;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

/** The last reports of each kind. */
final class ReportLog {

  /** How many reports of each kind to keep; many stuck tasks must not displace a proven leak. */
  static final int KEPT = 20;

  /**
   * A report.
   *
   * @param time when Holdfast published it
   * @param report the report
   */
  record Entry(Instant time, Report report) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Entry> entries = new ArrayDeque<>(); // guarded by the lock

  private ReportLog() {}

  /** {@return a log that takes reports for as long as it is reachable} */
  static ReportLog start() {
    var log = new ReportLog();
    var weak = new WeakReference<>(log);
    var registration = new AtomicReference<Inspect.Listening>();
    registration.set(
        Inspect.onReport(report -> {
          ReportLog reachable = weak.get();
          Inspect.Listening listening = registration.get();
          if (reachable != null) {
            reachable.add(report);
          } else if (listening != null) {
            listening.close();
          }
        }));
    return log;
  }

  private void add(Report report) {
    lock.lock();
    try {
      entries.addFirst(new Entry(Instant.now(), report));
      List<Entry> same =
          entries.stream().filter(entry -> entry.report.kind() == report.kind()).toList();
      if (same.size() > KEPT) {
        entries.remove(same.getLast());
      }
    } finally {
      lock.unlock();
    }
  }

  /** {@return the reports, the latest first} */
  List<Entry> entries() {
    lock.lock();
    try {
      return List.copyOf(entries);
    } finally {
      lock.unlock();
    }
  }
}
